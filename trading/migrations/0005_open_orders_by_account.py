from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("trading", "0004_trading_preferences")]

    operations = [
        migrations.AddIndex(
            model_name="order",
            index=models.Index(
                condition=models.Q(
                    ("parent", None),
                    models.Q(
                        (
                            "state__in",
                            ["abandoned", "canceled", "expired", "filled", "refused", "rejected", "replaced"],
                        ),
                        _negated=True,
                    ),
                ),
                fields=["account"],
                name="open_orders_by_account",
            ),
        ),
    ]
