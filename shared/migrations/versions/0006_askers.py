"""Who had a letter sent, so that a stranger does not use up those of its owner."""

import sqlalchemy as sa
from alembic import op

revision = '0006'
down_revision = '0005'
branch_labels = None
depends_on = None


def upgrade() -> None:
    for table in ('email_codes', 'recovery_links'):
        with op.batch_alter_table(table, schema=None) as batch_op:
            batch_op.add_column(sa.Column('asker', sa.String(length=50), nullable=True))


def downgrade() -> None:
    for table in ('recovery_links', 'email_codes'):
        with op.batch_alter_table(table, schema=None) as batch_op:
            batch_op.drop_column('asker')
