// A device without a browser.
import * as oidc from 'openid-client'

import { discovered, refusal } from './setup.js'
import { ask, say, told } from './talk.js'

const config = await discovered()
const shown = await oidc.initiateDeviceAuthorization(config, { scope: told.scope })
const early = await refusal(
  oidc.genericGrantRequest(config, 'urn:ietf:params:oauth:grant-type:device_code', { device_code: shown.device_code }),
)
await ask('answer', shown.verification_uri_complete)
// The server's clock has gone on meanwhile; ours need not wait.
const tokens = await oidc.pollDeviceAuthorizationGrant(config, { ...shown, interval: 0.1 })
const userinfo = await oidc.fetchUserInfo(config, tokens.access_token, tokens.claims().sub)
say({ shown, early, userinfo })
