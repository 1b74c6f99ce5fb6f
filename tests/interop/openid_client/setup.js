// The client as an application would set it up, by what it was told.
import * as oidc from 'openid-client'
import { importJWK } from 'jose'

import { told } from './talk.js'

/** The client authentication that was told of; a secret that was not is the one that was registered. */
export async function authentication({ method, jwk } = told) {
  const secret = told.secret ?? undefined
  switch (method) {
    case 'client_secret_basic':
      return oidc.ClientSecretBasic(secret)
    case 'client_secret_post':
      return oidc.ClientSecretPost(secret)
    case 'client_secret_jwt':
      return oidc.ClientSecretJwt(secret)
    case 'private_key_jwt':
      return oidc.PrivateKeyJwt({ key: await importJWK(jwk, jwk.alg), kid: jwk.kid })
    default:
      return oidc.None()
  }
}

/** The client, which knows of the server what the server's discovery document says, and checks every signature. */
export async function discovered() {
  const execute = [oidc.enableNonRepudiationChecks]
  return oidc.discovery(new URL(told.issuer), told.client_id, told.metadata, await authentication(), { execute })
}

/** The client as it registers itself (RFC 7591). */
export async function registered() {
  const execute = [oidc.enableNonRepudiationChecks]
  const options = { execute, initialAccessToken: told.initial_access_token }
  return oidc.dynamicClientRegistration(new URL(told.issuer), told.metadata, await authentication(), options)
}

/** With what error it was refused; null if it was not. */
export async function refusal(promise) {
  try {
    await promise
  } catch (error) {
    return { error: error.error ?? error.code, status: error.status }
  }
  return null
}
