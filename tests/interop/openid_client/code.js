// The whole life of an authorization: code and PKCE, userinfo, refresh, introspection, revocation, logout.
import * as oidc from 'openid-client'
import { importJWK } from 'jose'

import { discovered, refusal, registered } from './setup.js'
import { ask, say, told } from './talk.js'

const config = told.registers ? await registered() : await discovered()
const pkceCodeVerifier = oidc.randomPKCECodeVerifier()
const expectedState = oidc.randomState()
const expectedNonce = oidc.randomNonce()
const asked = {
  redirect_uri: told.redirect_uri,
  scope: told.scope,
  state: expectedState,
  nonce: expectedNonce,
  code_challenge: await oidc.calculatePKCECodeChallenge(pkceCodeVerifier),
  code_challenge_method: 'S256',
  ...told.asked,
}
const options = told.dpop ? { DPoP: oidc.getDPoPHandle(config, await oidc.randomDPoPKeyPair(told.dpop)) } : {}

const to = await requested(told.jar ? await signed() : asked)
const checks = { pkceCodeVerifier, expectedState, expectedNonce, idTokenExpected: true }
const tokens = await oidc.authorizationCodeGrant(config, await returned(), checks, undefined, options)
const claims = tokens.claims()
const userinfo = await oidc.fetchUserInfo(config, tokens.access_token, claims.sub, options)
const fresh = await oidc.refreshTokenGrant(config, tokens.refresh_token, undefined, options)
const again = await oidc.fetchUserInfo(config, fresh.access_token, claims.sub, options)
const introspected = told.method === 'none' ? null : await oidc.tokenIntrospection(config, fresh.access_token)
await oidc.tokenRevocation(config, fresh.refresh_token ?? tokens.refresh_token)
const refused = await refusal(oidc.refreshTokenGrant(config, fresh.refresh_token ?? tokens.refresh_token, undefined, options))
const bye = oidc.buildEndSessionUrl(config, {
  post_logout_redirect_uri: told.post_logout_redirect_uri,
  id_token_hint: fresh.id_token ?? tokens.id_token,
  state: 'bye',
})
const left = await ask('visit', bye.href)
say({ client: config.clientMetadata(), authorize: to.href, tokens, claims, userinfo, again, fresh, introspected, refused, left })

/** Where to send the browser: with the request itself, or with a reference to what was pushed. */
async function requested(parameters) {
  if (told.par) return oidc.buildAuthorizationUrlWithPAR(config, parameters, options)
  return oidc.buildAuthorizationUrl(config, parameters)
}

/** The request in a JWT that the client signed (RFC 9101). */
async function signed() {
  const key = { key: await importJWK(told.jwk, told.jwk.alg), kid: told.jwk.kid }
  const url = await oidc.buildAuthorizationUrlWithJAR(config, asked, key)
  return url.searchParams
}

/** The way back of the person's browser: an address, or a form that it posts. */
async function returned() {
  const back = await ask('visit', to.href)
  return back.fields ? new Request(back.action, { method: 'POST', body: new URLSearchParams(back.fields) }) : new URL(back)
}
