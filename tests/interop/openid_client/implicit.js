// A login by an ID token alone, as a page signs a person in that asks nothing of an API.
import * as oidc from 'openid-client'

import { discovered, registered } from './setup.js'
import { ask, say, told } from './talk.js'

const config = told.registers ? await registered() : await discovered()
oidc.useIdTokenResponseType(config)
const expectedState = oidc.randomState()
const nonce = oidc.randomNonce()
const to = oidc.buildAuthorizationUrl(config, {
  redirect_uri: told.redirect_uri,
  scope: told.scope,
  state: expectedState,
  nonce,
  ...told.asked,
})
const back = await ask('visit', to.href)
const answer = back.fields ? new Request(back.action, { method: 'POST', body: new URLSearchParams(back.fields) }) : new URL(back)
const claims = await oidc.implicitAuthentication(config, answer, nonce, { expectedState })
say({ client: config.clientMetadata(), authorize: to.href, back, claims })
