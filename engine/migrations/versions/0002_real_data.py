"""Quarantine: the kind of fault, and how a table's row is to be read again. Tables of codes."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.add_column("quarantine", sa.Column("kind", sa.String(32), nullable=False, server_default="value"))
    op.add_column("quarantine", sa.Column("sheet", sa.Text, nullable=True))
    op.create_index("quarantine_by_mapping", "quarantine", ["mapping", "kind"])
    op.create_table(
        "code",
        sa.Column("code_table", sa.String(64), primary_key=True),
        sa.Column("revision", sa.String(64), primary_key=True),
        sa.Column("code", sa.String(64), primary_key=True),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("parent", sa.String(64), nullable=True),
    )
