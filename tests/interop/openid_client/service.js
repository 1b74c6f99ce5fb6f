// A service in its own name, for the API of somebody else.
import * as oidc from 'openid-client'

import { discovered } from './setup.js'
import { say, told } from './talk.js'

const config = await discovered()
const token = await oidc.clientCredentialsGrant(config, { scope: told.scope, resource: told.resource })
const introspected = await oidc.tokenIntrospection(config, token.access_token)
say({ token, introspected })
