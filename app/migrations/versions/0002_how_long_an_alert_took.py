"""How long an alert took

Revision: 0002, after 0001; 2026-11-22 19:40:00.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from core.database import UtcTime

revision = '0002'
down_revision = '0001'
branch_labels = None
depends_on = None


def upgrade() -> None:
    told = 'when the hit that made us speak reached us: delays count from here'
    op.add_column('alerts', sa.Column('received_at', UtcTime(), nullable=True, comment=told))
    sent = 'when it was told; `sent_at` moves on with each edit'
    op.add_column('deliveries', sa.Column('first_sent_at', UtcTime(), nullable=True, comment=sent))


def downgrade() -> None:
    op.drop_column('deliveries', 'first_sent_at')
    op.drop_column('alerts', 'received_at')
