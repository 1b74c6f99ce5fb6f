"""Which response types a client may use, and whether its tenant has any but code."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = '0004'
down_revision = '0003'
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table('clients', schema=None) as batch_op:
        batch_op.add_column(sa.Column('response_types', sa.JSON().with_variant(postgresql.JSONB(), 'postgresql'), nullable=False, server_default='["code"]'))

    with op.batch_alter_table('tenants', schema=None) as batch_op:
        batch_op.add_column(sa.Column('implicit_allowed', sa.Boolean(), nullable=False, server_default=sa.false()))


def downgrade() -> None:
    with op.batch_alter_table('tenants', schema=None) as batch_op:
        batch_op.drop_column('implicit_allowed')

    with op.batch_alter_table('clients', schema=None) as batch_op:
        batch_op.drop_column('response_types')
