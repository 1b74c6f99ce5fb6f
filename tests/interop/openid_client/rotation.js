// The server's keys change while a session goes on.
import * as oidc from 'openid-client'
import { decodeProtectedHeader } from 'jose'

import { discovered } from './setup.js'
import { ask, say, told } from './talk.js'

const config = await discovered()
const pkceCodeVerifier = oidc.randomPKCECodeVerifier()
const to = oidc.buildAuthorizationUrl(config, {
  redirect_uri: told.redirect_uri,
  scope: told.scope,
  code_challenge: await oidc.calculatePKCECodeChallenge(pkceCodeVerifier),
  code_challenge_method: 'S256',
})
const back = new URL(await ask('visit', to.href))
const tokens = await oidc.authorizationCodeGrant(config, back, { pkceCodeVerifier, idTokenExpected: true })
const known = structuredClone(oidc.getJwksCache(config))

await ask('rotate')
// It asks for keys once a minute at most: a minute passes here too.
const now = Date.now
Date.now = () => now() + 61_000
const fresh = await oidc.refreshTokenGrant(config, tokens.refresh_token)
const userinfo = await oidc.fetchUserInfo(config, fresh.access_token, tokens.claims().sub)

const kid = (token) => decodeProtectedHeader(token).kid
const kids = ({ jwks }) => jwks.keys.map((key) => key.kid)
say({
  before: { signed: kid(tokens.id_token), known: kids(known) },
  after: { signed: kid(fresh.id_token), known: kids(oidc.getJwksCache(config)) },
  userinfo,
})
