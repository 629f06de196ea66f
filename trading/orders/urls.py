from django.urls import path

from trading.orders import list_views as lists
from trading.orders import replace_views as replacements
from trading.orders import ticket_views as ticket
from trading.orders import views as orders

urlpatterns = [
    path("trade/", ticket.choose, name="ticket"),
    path("trade/<str:symbol>/", ticket.ticket, name="ticket"),
    path("trade/<str:symbol>/around/", ticket.around, name="ticket-around"),
    path("trade/<str:symbol>/draft/", ticket.draft, name="ticket-draft"),
    path("trade/<str:symbol>/draft/discard/", ticket.discard, name="ticket-discard"),
    path("trade/<str:symbol>/preview/", ticket.preview, name="ticket-preview"),
    path("trade/<str:symbol>/place/", ticket.place, name="order-place"),
    path("orders/", lists.order_list, name="orders"),
    path("orders/csv/", lists.order_csv, name="orders-csv"),
    path("orders/cancel-all/", lists.cancel_everything, name="orders-cancel-all"),
    path("orders/stop-trading/", lists.stop, name="trading-stop"),
    path("orders/resume-trading/", lists.resume, name="trading-resume"),
    path("orders/<uuid:order_id>/", orders.detail, name="order-detail"),
    path("orders/<uuid:order_id>/status/", orders.status, name="order-status"),
    path("orders/<uuid:order_id>/replace/", replacements.replace, name="order-replace"),
    path("orders/<uuid:order_id>/cancel/", orders.cancel, name="order-cancel"),
]
