"""What the whole protocol needs of clients, tenants and people."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from shared.kit import ids

revision = '0002'
down_revision = '0001'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('initial_access_tokens',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('tenant_id', sa.Uuid(), nullable=False),
    sa.Column('name', sa.String(length=200), nullable=False),
    sa.Column('fingerprint', sa.LargeBinary(length=32), nullable=False),
    sa.Column('hint', sa.String(length=8), nullable=False),
    sa.Column('uses_left', sa.Integer(), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('expires_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('revoked_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['tenant_id'], ['tenants.id'], name=op.f('fk_initial_access_tokens_tenant_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_initial_access_tokens')),
    sa.UniqueConstraint('fingerprint', name=op.f('uq_initial_access_tokens_fingerprint'))
    )
    with op.batch_alter_table('initial_access_tokens', schema=None) as batch_op:
        batch_op.create_index('ix_initial_access_tokens_newest', ['tenant_id', 'id'], unique=False)

    op.create_table('trusted_issuers',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('tenant_id', sa.Uuid(), nullable=False),
    sa.Column('issuer', sa.String(length=320).with_variant(sa.String(length=320, collation='C'), 'postgresql'), nullable=False),
    sa.Column('name', sa.String(length=200), nullable=False),
    sa.Column('name_folded', sa.String(length=320).with_variant(sa.String(length=320, collation='C'), 'postgresql'), nullable=False),
    sa.Column('jwks', sa.JSON().with_variant(postgresql.JSONB(), 'postgresql'), nullable=True),
    sa.Column('jwks_uri', sa.String(length=2000), nullable=True),
    sa.Column('subject_is', sa.String(length=20), nullable=False),
    sa.Column('clients', sa.JSON().with_variant(postgresql.JSONB(), 'postgresql'), nullable=True),
    sa.Column('scopes', sa.JSON().with_variant(postgresql.JSONB(), 'postgresql'), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('updated_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['tenant_id'], ['tenants.id'], name=op.f('fk_trusted_issuers_tenant_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_trusted_issuers')),
    sa.UniqueConstraint('tenant_id', 'issuer', name='uq_trusted_issuers_issuer')
    )
    with op.batch_alter_table('trusted_issuers', schema=None) as batch_op:
        batch_op.create_index('ix_trusted_issuers_name', ['tenant_id', 'name_folded'], unique=False)
        batch_op.create_index('ix_trusted_issuers_newest', ['tenant_id', 'id'], unique=False)

    op.create_table('logout_notices',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('tenant_id', sa.Uuid(), nullable=False),
    sa.Column('client_id', sa.Uuid(), nullable=False),
    sa.Column('user_id', sa.Uuid(), nullable=False),
    sa.Column('sid', sa.String(length=64), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('attempts', sa.Integer(), nullable=False),
    sa.Column('confirmed_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('failed_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('last_error', sa.String(length=500), nullable=True),
    sa.ForeignKeyConstraint(['client_id'], ['clients.id'], name=op.f('fk_logout_notices_client_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['tenant_id'], ['tenants.id'], name=op.f('fk_logout_notices_tenant_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['user_id'], ['users.id'], name=op.f('fk_logout_notices_user_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_logout_notices'))
    )
    with op.batch_alter_table('logout_notices', schema=None) as batch_op:
        batch_op.create_index('ix_logout_notices_client', ['client_id', 'id'], unique=False)
        batch_op.create_index('ix_logout_notices_created', ['created_at'], unique=False)
        batch_op.create_index('ix_logout_notices_user', ['user_id', 'id'], unique=False)

    with op.batch_alter_table('authorization_codes', schema=None) as batch_op:
        batch_op.add_column(sa.Column('dpop_jkt', sa.String(length=64), nullable=True))

    with op.batch_alter_table('clients', schema=None) as batch_op:
        batch_op.add_column(sa.Column('profile', sa.String(length=20), nullable=False, server_default='oauth21'))
        batch_op.add_column(sa.Column('registered_by', sa.String(length=20), nullable=False, server_default='operator'))
        batch_op.add_column(sa.Column('registration_fingerprint', sa.LargeBinary(length=32), nullable=True))
        batch_op.add_column(sa.Column('document_fresh_until', sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column('application_type', sa.String(length=20), nullable=False, server_default='web'))
        batch_op.add_column(sa.Column('client_uri', sa.String(length=2000), nullable=True))
        batch_op.add_column(sa.Column('policy_uri', sa.String(length=2000), nullable=True))
        batch_op.add_column(sa.Column('tos_uri', sa.String(length=2000), nullable=True))
        batch_op.add_column(sa.Column('contacts', sa.JSON().with_variant(postgresql.JSONB(), 'postgresql'), nullable=False, server_default='[]'))
        batch_op.add_column(sa.Column('metadata_kept', sa.JSON().with_variant(postgresql.JSONB(), 'postgresql'), nullable=False, server_default='{}'))
        batch_op.add_column(sa.Column('subject_type', sa.String(length=20), nullable=False, server_default='public'))
        batch_op.add_column(sa.Column('sector_identifier_uri', sa.String(length=2000), nullable=True))
        batch_op.add_column(sa.Column('userinfo_signed_response_alg', sa.String(length=20), nullable=True))
        batch_op.add_column(sa.Column('request_object_signing_alg', sa.String(length=20), nullable=True))
        batch_op.add_column(sa.Column('require_signed_request_object', sa.Boolean(), nullable=False, server_default=sa.false()))
        batch_op.add_column(sa.Column('request_uris', sa.JSON().with_variant(postgresql.JSONB(), 'postgresql'), nullable=False, server_default='[]'))
        batch_op.add_column(sa.Column('dpop_bound_access_tokens', sa.Boolean(), nullable=False, server_default=sa.false()))
        batch_op.add_column(sa.Column('default_max_age', sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column('require_auth_time', sa.Boolean(), nullable=False, server_default=sa.false()))
        batch_op.add_column(sa.Column('default_acr_values', sa.JSON().with_variant(postgresql.JSONB(), 'postgresql'), nullable=False, server_default='[]'))
        batch_op.add_column(sa.Column('initiate_login_uri', sa.String(length=2000), nullable=True))
        batch_op.add_column(sa.Column('backchannel_logout_uri', sa.String(length=2000), nullable=True))
        batch_op.add_column(sa.Column('backchannel_logout_session_required', sa.Boolean(), nullable=False, server_default=sa.false()))
        batch_op.add_column(sa.Column('frontchannel_logout_uri', sa.String(length=2000), nullable=True))
        batch_op.add_column(sa.Column('frontchannel_logout_session_required', sa.Boolean(), nullable=False, server_default=sa.false()))
        batch_op.add_column(sa.Column('token_exchange', sa.JSON().with_variant(postgresql.JSONB(), 'postgresql'), nullable=False, server_default='[]'))
        batch_op.add_column(sa.Column('refresh_idle_seconds', sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column('disabled_at', sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column('disabled_reason', sa.String(length=500), nullable=True))
        batch_op.drop_constraint(batch_op.f('uq_clients_client_id'), type_='unique')
        batch_op.create_unique_constraint('uq_clients_client_id', ['tenant_id', 'client_id'])

    with op.batch_alter_table('refresh_tokens', schema=None) as batch_op:
        batch_op.add_column(sa.Column('dpop_jkt', sa.String(length=64), nullable=True))
        batch_op.add_column(sa.Column('used_at', sa.DateTime(timezone=True), nullable=True))

    with op.batch_alter_table('signing_keys', schema=None) as batch_op:
        batch_op.add_column(sa.Column('revoked_at', sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column('revoked_reason', sa.String(length=200), nullable=True))

    with op.batch_alter_table('tenants', schema=None) as batch_op:
        batch_op.add_column(sa.Column('client_registration', sa.String(length=20), nullable=False, server_default='off'))
        batch_op.add_column(sa.Column('client_documents', sa.Boolean(), nullable=False, server_default=sa.false()))
        batch_op.add_column(sa.Column('require_par', sa.Boolean(), nullable=False, server_default=sa.false()))
        batch_op.add_column(sa.Column('subject_salt', sa.LargeBinary(length=32), nullable=True))
    _salt_tenants()
    with op.batch_alter_table('tenants', schema=None) as batch_op:
        batch_op.alter_column('subject_salt', existing_type=sa.LargeBinary(length=32), nullable=False)

    with op.batch_alter_table('users', schema=None) as batch_op:
        batch_op.add_column(sa.Column('claims', sa.JSON().with_variant(postgresql.JSONB(), 'postgresql'), nullable=False, server_default='{}'))
        batch_op.add_column(sa.Column('phone_verified_at', sa.DateTime(timezone=True), nullable=True))



def _salt_tenants() -> None:
    tenants = sa.table('tenants', sa.column('id', sa.Uuid()), sa.column('subject_salt', sa.LargeBinary()))
    connection = op.get_bind()
    for tenant_id in connection.scalars(sa.select(tenants.c.id)).all():
        connection.execute(tenants.update().where(tenants.c.id == tenant_id).values(subject_salt=ids.random_bytes(32)))


def downgrade() -> None:
    with op.batch_alter_table('users', schema=None) as batch_op:
        batch_op.drop_column('phone_verified_at')
        batch_op.drop_column('claims')

    with op.batch_alter_table('tenants', schema=None) as batch_op:
        batch_op.drop_column('subject_salt')
        batch_op.drop_column('require_par')
        batch_op.drop_column('client_documents')
        batch_op.drop_column('client_registration')

    with op.batch_alter_table('signing_keys', schema=None) as batch_op:
        batch_op.drop_column('revoked_reason')
        batch_op.drop_column('revoked_at')

    with op.batch_alter_table('refresh_tokens', schema=None) as batch_op:
        batch_op.drop_column('used_at')
        batch_op.drop_column('dpop_jkt')

    with op.batch_alter_table('clients', schema=None) as batch_op:
        batch_op.drop_constraint('uq_clients_client_id', type_='unique')
        batch_op.create_unique_constraint(batch_op.f('uq_clients_client_id'), ['client_id'])
        batch_op.drop_column('disabled_reason')
        batch_op.drop_column('disabled_at')
        batch_op.drop_column('refresh_idle_seconds')
        batch_op.drop_column('token_exchange')
        batch_op.drop_column('frontchannel_logout_session_required')
        batch_op.drop_column('frontchannel_logout_uri')
        batch_op.drop_column('backchannel_logout_session_required')
        batch_op.drop_column('backchannel_logout_uri')
        batch_op.drop_column('initiate_login_uri')
        batch_op.drop_column('default_acr_values')
        batch_op.drop_column('require_auth_time')
        batch_op.drop_column('default_max_age')
        batch_op.drop_column('dpop_bound_access_tokens')
        batch_op.drop_column('request_uris')
        batch_op.drop_column('require_signed_request_object')
        batch_op.drop_column('request_object_signing_alg')
        batch_op.drop_column('userinfo_signed_response_alg')
        batch_op.drop_column('sector_identifier_uri')
        batch_op.drop_column('subject_type')
        batch_op.drop_column('metadata_kept')
        batch_op.drop_column('contacts')
        batch_op.drop_column('tos_uri')
        batch_op.drop_column('policy_uri')
        batch_op.drop_column('client_uri')
        batch_op.drop_column('application_type')
        batch_op.drop_column('document_fresh_until')
        batch_op.drop_column('registration_fingerprint')
        batch_op.drop_column('registered_by')
        batch_op.drop_column('profile')

    with op.batch_alter_table('authorization_codes', schema=None) as batch_op:
        batch_op.drop_column('dpop_jkt')

    with op.batch_alter_table('logout_notices', schema=None) as batch_op:
        batch_op.drop_index('ix_logout_notices_user')
        batch_op.drop_index('ix_logout_notices_created')
        batch_op.drop_index('ix_logout_notices_client')

    op.drop_table('logout_notices')
    with op.batch_alter_table('trusted_issuers', schema=None) as batch_op:
        batch_op.drop_index('ix_trusted_issuers_newest')
        batch_op.drop_index('ix_trusted_issuers_name')

    op.drop_table('trusted_issuers')
    with op.batch_alter_table('initial_access_tokens', schema=None) as batch_op:
        batch_op.drop_index('ix_initial_access_tokens_newest')

    op.drop_table('initial_access_tokens')
