from django.urls import path

from shangquan.identity import pages

app_name = "identity"
urlpatterns = [
    path("sign-in/", pages.sign_in_page, name="sign_in"),
    path("sign-in/code/", pages.code_page, name="code"),
    path("sign-out/", pages.sign_out_page, name="sign_out"),
    path("account/", pages.account_page, name="account"),
    path("account/act-as/", pages.act_as_page, name="act_as"),
    path("account/two-step/", pages.two_step_page, name="two_step"),
]
