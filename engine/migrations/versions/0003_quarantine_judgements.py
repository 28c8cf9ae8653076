"""Quarantine: judgements that an entry needs no more work, and the source that each row is of."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.add_column("quarantine", sa.Column("source", sa.Text, nullable=True))
    op.add_column("quarantine", sa.Column("judgement", sa.Integer, nullable=True))
    op.create_table(
        "quarantine_judgement",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("digest", sa.String(64), nullable=False, index=True),
        sa.Column("verdict", sa.String(16), nullable=False),
        sa.Column("by_user", sa.Text, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("at", sa.Text, nullable=False),
    )
