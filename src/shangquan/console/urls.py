"""Addresses under /console/: each subject brings its own list."""

from django.urls import URLPattern

from shangquan.console.pages.bills import urlpatterns_bills
from shangquan.console.pages.coupons import urlpatterns_coupons
from shangquan.console.pages.home import urlpatterns_home
from shangquan.console.pages.payments import urlpatterns_payments
from shangquan.console.pages.people.members import urlpatterns_members
from shangquan.console.pages.people.merchants import urlpatterns_merchants
from shangquan.console.pages.people.products import urlpatterns_products
from shangquan.console.pages.people.staff import urlpatterns_staff
from shangquan.console.pages.person import urlpatterns_person
from shangquan.console.pages.search import urlpatterns_search
from shangquan.console.pages.settlement.urls import urlpatterns_settlement
from shangquan.console.pages.setup.account import urlpatterns_account
from shangquan.console.pages.setup.points import urlpatterns_points
from shangquan.console.pages.setup.pushes import urlpatterns_pushes
from shangquan.console.pages.setup.settings import urlpatterns_settings
from shangquan.console.pages.shelves import urlpatterns_shelves

app_name = "console"
urlpatterns: list[URLPattern] = [
    *urlpatterns_home,
    *urlpatterns_coupons,
    *urlpatterns_shelves,
    *urlpatterns_members,
    *urlpatterns_merchants,
    *urlpatterns_products,
    *urlpatterns_staff,
    *urlpatterns_bills,
    *urlpatterns_payments,
    *urlpatterns_person,
    *urlpatterns_search,
    *urlpatterns_settlement,
    *urlpatterns_account,
    *urlpatterns_points,
    *urlpatterns_pushes,
    *urlpatterns_settings,
]
