// A service that was called with a token exchanges it for one with which it calls another (RFC 8693).
import * as oidc from 'openid-client'

import { discovered } from './setup.js'
import { say, told } from './talk.js'

const config = await discovered()
const token = await oidc.genericGrantRequest(config, 'urn:ietf:params:oauth:grant-type:token-exchange', told.asked)
say({ token })
