"""Ledger, documents, catalogues by digest, quarantine."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "ledger_entry",
        sa.Column("seq", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("at", sa.Text, nullable=False),
        sa.Column("who", sa.Text, nullable=False),
        sa.Column("purpose", sa.Text, nullable=False),
        sa.Column("decision_id", sa.Text, nullable=False, index=True),
        sa.Column("salt", sa.LargeBinary, nullable=True),
        sa.Column("document_hash", sa.Text, nullable=False),
        sa.Column("previous", sa.Text, nullable=False),
        sa.Column("hash", sa.Text, nullable=False),
    )
    op.create_table(
        "ledger_head",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("seq", sa.BigInteger, nullable=False),
        sa.Column("hash", sa.Text, nullable=False),
    )
    op.execute(sa.text("INSERT INTO ledger_head (id, seq, hash) VALUES (1, 0, '')"))
    op.create_table(
        "document",
        sa.Column("decision_id", sa.Text, primary_key=True),
        sa.Column("content", sa.LargeBinary, nullable=True),
        sa.Column("erased_at", sa.Text, nullable=True),
    )
    op.create_table(
        "catalogue",
        sa.Column("digest", sa.Text, primary_key=True),
        sa.Column("content", sa.LargeBinary, nullable=False),
    )
    op.create_table(
        "quarantine",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("digest", sa.String(64), nullable=False, unique=True),
        sa.Column("mapping", sa.Text, nullable=False),
        sa.Column("file", sa.Text, nullable=False),
        sa.Column("line", sa.Integer, nullable=False),
        sa.Column("row_key", sa.Text, nullable=False),
        sa.Column("faults", sa.Text, nullable=False),
        sa.Column("row_sealed", sa.LargeBinary, nullable=False),
        sa.Column("first_seen", sa.Text, nullable=False),
        sa.Column("last_seen", sa.Text, nullable=False),
    )
