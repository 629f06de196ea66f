from django.apps import AppConfig


class TradingConfig(AppConfig):
    name = "trading"

    def ready(self) -> None:
        from investors.signals import accounts_linked
        from trading.portfolio.watching import open_books

        accounts_linked.connect(open_books, dispatch_uid="trading.open_books")
