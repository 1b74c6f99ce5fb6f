"""What people and their factors need: fields, invitations, codes by letter, passkeys, providers, letters."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = '0003'
down_revision = '0002'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('letter_templates',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('tenant_id', sa.Uuid(), nullable=False),
    sa.Column('kind', sa.String(length=40), nullable=False),
    sa.Column('language', sa.String(length=20), nullable=False),
    sa.Column('subject', sa.String(length=200), nullable=False),
    sa.Column('text', sa.Text(), nullable=False),
    sa.Column('html', sa.Text(), nullable=False),
    sa.Column('updated_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['tenant_id'], ['tenants.id'], name=op.f('fk_letter_templates_tenant_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_letter_templates')),
    sa.UniqueConstraint('tenant_id', 'kind', 'language', name='uq_letter_templates_kind')
    )
    op.create_table('providers',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('tenant_id', sa.Uuid(), nullable=False),
    sa.Column('slug', sa.String(length=320).with_variant(sa.String(length=320, collation='C'), 'postgresql'), nullable=False),
    sa.Column('name', sa.String(length=200), nullable=False),
    sa.Column('preset', sa.String(length=40), nullable=False),
    sa.Column('discovery_url', sa.String(length=2000), nullable=True),
    sa.Column('endpoints', sa.JSON().with_variant(postgresql.JSONB(), 'postgresql'), nullable=False),
    sa.Column('client_id', sa.String(length=500), nullable=False),
    sa.Column('secret_sealed', sa.Text(), nullable=True),
    sa.Column('scopes', sa.JSON().with_variant(postgresql.JSONB(), 'postgresql'), nullable=False),
    sa.Column('settings', sa.JSON().with_variant(postgresql.JSONB(), 'postgresql'), nullable=False),
    sa.Column('enabled', sa.Boolean(), nullable=False),
    sa.Column('keeps_tokens', sa.Boolean(), nullable=False),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('updated_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['tenant_id'], ['tenants.id'], name=op.f('fk_providers_tenant_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_providers')),
    sa.UniqueConstraint('tenant_id', 'slug', name='uq_providers_slug')
    )
    op.create_table('user_fields',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('tenant_id', sa.Uuid(), nullable=False),
    sa.Column('slug', sa.String(length=320).with_variant(sa.String(length=320, collation='C'), 'postgresql'), nullable=False),
    sa.Column('name', sa.String(length=200), nullable=False),
    sa.Column('hint', sa.String(length=500), nullable=False),
    sa.Column('kind', sa.String(length=20), nullable=False),
    sa.Column('choices', sa.JSON().with_variant(postgresql.JSONB(), 'postgresql'), nullable=False),
    sa.Column('required', sa.Boolean(), nullable=False),
    sa.Column('preset', sa.JSON().with_variant(postgresql.JSONB(), 'postgresql'), nullable=False),
    sa.Column('at_sign_up', sa.Boolean(), nullable=False),
    sa.Column('editable', sa.Boolean(), nullable=False),
    sa.Column('claim', sa.String(length=100), nullable=True),
    sa.Column('scope', sa.String(length=100), nullable=True),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('updated_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['tenant_id'], ['tenants.id'], name=op.f('fk_user_fields_tenant_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_user_fields')),
    sa.UniqueConstraint('tenant_id', 'claim', name='uq_user_fields_claim'),
    sa.UniqueConstraint('tenant_id', 'slug', name='uq_user_fields_slug')
    )
    op.create_table('authenticator_apps',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('user_id', sa.Uuid(), nullable=False),
    sa.Column('name', sa.String(length=200), nullable=False),
    sa.Column('secret_sealed', sa.String(length=500), nullable=False),
    sa.Column('last_step', sa.BigInteger(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('last_used_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['user_id'], ['users.id'], name=op.f('fk_authenticator_apps_user_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_authenticator_apps'))
    )
    with op.batch_alter_table('authenticator_apps', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_authenticator_apps_user_id'), ['user_id'], unique=False)

    op.create_table('identities',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('tenant_id', sa.Uuid(), nullable=False),
    sa.Column('provider_id', sa.Uuid(), nullable=False),
    sa.Column('user_id', sa.Uuid(), nullable=False),
    sa.Column('subject', sa.String(length=500), nullable=False),
    sa.Column('email', sa.String(length=320), nullable=True),
    sa.Column('name', sa.String(length=200), nullable=True),
    sa.Column('tokens_sealed', sa.Text(), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('last_used_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['provider_id'], ['providers.id'], name=op.f('fk_identities_provider_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['tenant_id'], ['tenants.id'], name=op.f('fk_identities_tenant_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['user_id'], ['users.id'], name=op.f('fk_identities_user_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_identities')),
    sa.UniqueConstraint('provider_id', 'subject', name='uq_identities_subject')
    )
    with op.batch_alter_table('identities', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_identities_user_id'), ['user_id'], unique=False)

    op.create_table('invitations',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('tenant_id', sa.Uuid(), nullable=False),
    sa.Column('email', sa.String(length=320), nullable=False),
    sa.Column('email_folded', sa.String(length=320).with_variant(sa.String(length=320, collation='C'), 'postgresql'), nullable=False),
    sa.Column('fingerprint', sa.LargeBinary(length=32), nullable=False),
    sa.Column('invited_by', sa.String(length=320), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('expires_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('accepted_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('revoked_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('user_id', sa.Uuid(), nullable=True),
    sa.ForeignKeyConstraint(['tenant_id'], ['tenants.id'], name=op.f('fk_invitations_tenant_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['user_id'], ['users.id'], name=op.f('fk_invitations_user_id'), ondelete='SET NULL'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_invitations')),
    sa.UniqueConstraint('fingerprint', name=op.f('uq_invitations_fingerprint'))
    )
    with op.batch_alter_table('invitations', schema=None) as batch_op:
        batch_op.create_index('ix_invitations_address', ['tenant_id', 'email_folded'], unique=False)
        batch_op.create_index('ix_invitations_newest', ['tenant_id', 'id'], unique=False)

    op.create_table('passkeys',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('user_id', sa.Uuid(), nullable=False),
    sa.Column('name', sa.String(length=200), nullable=False),
    sa.Column('credential_id', sa.LargeBinary(length=1023), nullable=False),
    sa.Column('public_key', sa.LargeBinary(), nullable=False),
    sa.Column('sign_count', sa.BigInteger(), nullable=False),
    sa.Column('transports', sa.JSON().with_variant(postgresql.JSONB(), 'postgresql'), nullable=False),
    sa.Column('aaguid', sa.String(length=36), nullable=False),
    sa.Column('synced', sa.Boolean(), nullable=False),
    sa.Column('backed_up', sa.Boolean(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('last_used_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['user_id'], ['users.id'], name=op.f('fk_passkeys_user_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_passkeys')),
    sa.UniqueConstraint('credential_id', name=op.f('uq_passkeys_credential_id'))
    )
    with op.batch_alter_table('passkeys', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_passkeys_user_id'), ['user_id'], unique=False)

    op.create_table('recovery_codes',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('user_id', sa.Uuid(), nullable=False),
    sa.Column('fingerprint', sa.LargeBinary(length=32), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('used_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['user_id'], ['users.id'], name=op.f('fk_recovery_codes_user_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_recovery_codes')),
    sa.UniqueConstraint('user_id', 'fingerprint', name='uq_recovery_codes_fingerprint')
    )
    op.create_table('recovery_links',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('tenant_id', sa.Uuid(), nullable=False),
    sa.Column('user_id', sa.Uuid(), nullable=True),
    sa.Column('email', sa.String(length=320), nullable=False),
    sa.Column('email_folded', sa.String(length=320).with_variant(sa.String(length=320, collation='C'), 'postgresql'), nullable=False),
    sa.Column('fingerprint', sa.LargeBinary(length=32), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('expires_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('ended_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['tenant_id'], ['tenants.id'], name=op.f('fk_recovery_links_tenant_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['user_id'], ['users.id'], name=op.f('fk_recovery_links_user_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_recovery_links')),
    sa.UniqueConstraint('fingerprint', name=op.f('uq_recovery_links_fingerprint'))
    )
    with op.batch_alter_table('recovery_links', schema=None) as batch_op:
        batch_op.create_index('ix_recovery_links_address', ['tenant_id', 'email_folded', 'created_at'], unique=False)
        batch_op.create_index(batch_op.f('ix_recovery_links_expires_at'), ['expires_at'], unique=False)
        batch_op.create_index('ix_recovery_links_user', ['user_id'], unique=False)

    # Codes live for ten minutes: whoever waits for one asks for another.
    op.execute('DELETE FROM email_codes')
    with op.batch_alter_table('email_codes', schema=None) as batch_op:
        batch_op.add_column(sa.Column('tenant_id', sa.Uuid(), nullable=False))
        batch_op.add_column(sa.Column('purpose', sa.String(length=20), nullable=False))
        batch_op.add_column(sa.Column('email_folded', sa.String(length=320).with_variant(sa.String(length=320, collation='C'), 'postgresql'), nullable=False))
        batch_op.add_column(sa.Column('link_fingerprint', sa.LargeBinary(length=32), nullable=True))
        batch_op.add_column(sa.Column('browser_fingerprint', sa.LargeBinary(length=32), nullable=True))
        batch_op.add_column(sa.Column('details', sa.Text(), nullable=True))
        batch_op.alter_column('user_id',
               existing_type=sa.Uuid(),
               nullable=True)
        batch_op.create_index('ix_email_codes_address', ['tenant_id', 'email_folded', 'created_at'], unique=False)
        batch_op.create_unique_constraint(batch_op.f('uq_email_codes_link_fingerprint'), ['link_fingerprint'])
        batch_op.create_foreign_key(batch_op.f('fk_email_codes_tenant_id'), 'tenants', ['tenant_id'], ['id'], ondelete='CASCADE')

    with op.batch_alter_table('tenants', schema=None) as batch_op:
        batch_op.add_column(sa.Column('sign_up', sa.String(length=20), nullable=False, server_default='open'))
        batch_op.add_column(sa.Column('sign_up_domains', sa.JSON().with_variant(postgresql.JSONB(), 'postgresql'), nullable=False, server_default='[]'))
        batch_op.add_column(sa.Column('email_verification', sa.String(length=20), nullable=False, server_default='later'))
        batch_op.add_column(sa.Column('verification_since', sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column('factors', sa.JSON().with_variant(postgresql.JSONB(), 'postgresql'), nullable=False, server_default='["password", "passkey", "totp"]'))
        batch_op.add_column(sa.Column('second_factor', sa.String(length=20), nullable=False, server_default='enrolled'))
        batch_op.add_column(sa.Column('password_least', sa.Integer(), nullable=False, server_default='12'))
        batch_op.add_column(sa.Column('language', sa.String(length=20), nullable=True))
        batch_op.add_column(sa.Column('mail_name', sa.String(length=200), nullable=True))
        batch_op.add_column(sa.Column('mail_from', sa.String(length=320), nullable=True))
        batch_op.add_column(sa.Column('user_fields_version', sa.Integer(), nullable=False, server_default='0'))

    op.execute("UPDATE tenants SET sign_up = 'off' WHERE NOT registration_allowed")
    with op.batch_alter_table('tenants', schema=None) as batch_op:
        batch_op.drop_column('registration_allowed')

    with op.batch_alter_table('logout_notices', schema=None) as batch_op:
        batch_op.drop_constraint(op.f('fk_logout_notices_user_id'), type_='foreignkey')

    with op.batch_alter_table('clients', schema=None) as batch_op:
        batch_op.add_column(sa.Column('require_second_factor', sa.Boolean(), nullable=False, server_default=sa.false()))

    with op.batch_alter_table('users', schema=None) as batch_op:
        batch_op.add_column(sa.Column('fields', sa.JSON().with_variant(postgresql.JSONB(), 'postgresql'), nullable=False, server_default='{}'))
        batch_op.add_column(sa.Column('second_factors', sa.JSON().with_variant(postgresql.JSONB(), 'postgresql'), nullable=False, server_default='[]'))
        batch_op.add_column(sa.Column('ended_sids', sa.JSON().with_variant(postgresql.JSONB(), 'postgresql'), nullable=False, server_default='[]'))



def downgrade() -> None:
    op.execute('DELETE FROM logout_notices WHERE user_id NOT IN (SELECT id FROM users)')
    with op.batch_alter_table('logout_notices', schema=None) as batch_op:
        batch_op.create_foreign_key(batch_op.f('fk_logout_notices_user_id'), 'users', ['user_id'], ['id'], ondelete='CASCADE')

    with op.batch_alter_table('users', schema=None) as batch_op:
        batch_op.drop_column('ended_sids')
        batch_op.drop_column('second_factors')
        batch_op.drop_column('fields')

    with op.batch_alter_table('clients', schema=None) as batch_op:
        batch_op.drop_column('require_second_factor')

    with op.batch_alter_table('tenants', schema=None) as batch_op:
        batch_op.add_column(sa.Column('registration_allowed', sa.Boolean(), nullable=False, server_default=sa.true()))

    op.execute("UPDATE tenants SET registration_allowed = (sign_up = 'open')")
    with op.batch_alter_table('tenants', schema=None) as batch_op:
        batch_op.drop_column('user_fields_version')
        batch_op.drop_column('mail_from')
        batch_op.drop_column('mail_name')
        batch_op.drop_column('language')
        batch_op.drop_column('password_least')
        batch_op.drop_column('second_factor')
        batch_op.drop_column('factors')
        batch_op.drop_column('verification_since')
        batch_op.drop_column('email_verification')
        batch_op.drop_column('sign_up_domains')
        batch_op.drop_column('sign_up')

    op.execute('DELETE FROM email_codes')
    with op.batch_alter_table('email_codes', schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f('fk_email_codes_tenant_id'), type_='foreignkey')
        batch_op.drop_constraint(batch_op.f('uq_email_codes_link_fingerprint'), type_='unique')
        batch_op.drop_index('ix_email_codes_address')
        batch_op.alter_column('user_id',
               existing_type=sa.Uuid(),
               nullable=False)
        batch_op.drop_column('details')
        batch_op.drop_column('browser_fingerprint')
        batch_op.drop_column('link_fingerprint')
        batch_op.drop_column('email_folded')
        batch_op.drop_column('purpose')
        batch_op.drop_column('tenant_id')

    with op.batch_alter_table('recovery_links', schema=None) as batch_op:
        batch_op.drop_index('ix_recovery_links_user')
        batch_op.drop_index(batch_op.f('ix_recovery_links_expires_at'))
        batch_op.drop_index('ix_recovery_links_address')

    op.drop_table('recovery_links')
    op.drop_table('recovery_codes')
    with op.batch_alter_table('passkeys', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_passkeys_user_id'))

    op.drop_table('passkeys')
    with op.batch_alter_table('invitations', schema=None) as batch_op:
        batch_op.drop_index('ix_invitations_newest')
        batch_op.drop_index('ix_invitations_address')

    op.drop_table('invitations')
    with op.batch_alter_table('identities', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_identities_user_id'))

    op.drop_table('identities')
    with op.batch_alter_table('authenticator_apps', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_authenticator_apps_user_id'))

    op.drop_table('authenticator_apps')
    op.drop_table('user_fields')
    op.drop_table('providers')
    op.drop_table('letter_templates')
