from django.urls import path

from shangquan.pos import pages
from shangquan.pos.desk import offline_pages, other_pages, till_page

app_name = "pos"
urlpatterns = [
    path("", till_page.till, name="till"),
    path("sw.js", offline_pages.worker, name="worker"),
    path("offline/", offline_pages.shell, name="offline"),
    path("offline/goods.json", offline_pages.goods, name="offline_goods"),
    path("choose/", till_page.choose_till, name="choose"),
    path("scan/", pages.scan_page, name="scan"),
    path("line/<int:line>/", pages.line_page, name="line"),
    path("line/<int:line>/remove/", pages.remove_page, name="remove"),
    path("line/<int:line>/price/", pages.price_page, name="price"),
    path("goods/<int:product>/", pages.goods_page, name="goods"),
    path("member/", pages.member_page, name="member"),
    path("member/remove/", pages.no_member_page, name="no_member"),
    path("referrer/", pages.referrer_page, name="referrer"),
    path("combination/", pages.combination_page, name="combination"),
    path("park/", pages.park_page, name="park"),
    path("recall/<int:parked>/", pages.recall_page, name="recall"),
    path("clear/", pages.clear_page, name="clear"),
    path("pay/cash/", pages.cash_page, name="cash"),
    path("pay/show/", pages.show_page, name="show"),
    path("pay/look/", pages.look_page, name="look"),
    path("pay/stop/", pages.stop_page, name="stop"),
    path("next/", pages.next_page, name="next"),
    path("shift/open/", pages.open_shift_page, name="open_shift"),
    path("shift/close/", other_pages.close_shift_page, name="close_shift"),
    path("shift/<int:shift>/", other_pages.shift_page, name="shift"),
    path("orders/", other_pages.orders_page, name="orders"),
    path("orders/<str:number>/", other_pages.order_page, name="order"),
    path("orders/<str:number>/print/", other_pages.print_page, name="print"),
    path("refund/", other_pages.refund_search_page, name="refund_search"),
    path("refund/<str:number>/", other_pages.refund_page, name="refund"),
    path("check/", other_pages.check_page, name="check"),
    path("receipts/<int:receipt>.bin", other_pages.receipt_bytes, name="receipt_bytes"),
]
