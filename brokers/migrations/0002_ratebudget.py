from django.db import migrations, models

import brokers.models


class Migration(migrations.Migration):
    dependencies = [("brokers", "0001_initial")]

    operations = [
        migrations.CreateModel(
            name="RateBudget",
            fields=[
                ("name", models.TextField(primary_key=True, serialize=False)),
                ("free_at", brokers.models.Moments()),
                ("held_until", models.FloatField()),
                ("wait", models.FloatField()),
                ("idle_at", models.FloatField()),
            ],
            options={"db_table": "autoshares_limit"},
        ),
    ]
