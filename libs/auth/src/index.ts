export { addressGroup } from './address-group.js';
export { authenticateWith, type AuthenticationResult } from './authenticate-with.js';
export { hostileTokens, type HostileToken, type HostileTokenInput } from './hostile-tokens.js';
export { IdentityIssuer, type IdentityIssuerOptions } from './identity-issuer.js';
export { IdentityVerifier, type IdentityVerifierOptions } from './identity-verifier.js';
export { identityOfUser, IdentitySchema, type Identity } from './identity.js';
export {
  issueRobotToken,
  issueUserToken,
  MAX_USER_TOKEN_BYTES,
  type IssuedUserToken,
  type RobotTokenSubject,
  type UserTokenIssue,
  type UserTokenSubject,
} from './issue-user-token.js';
export {
  createJwtStrategy,
  jwtStrategyOptions,
  parseUserClaims,
  verifyUserClaims,
  type JwtStrategy,
  type JwtStrategySettings,
} from './jwt-strategy.js';
export {
  hashOpaqueSecret,
  newOpaqueSecret,
  opaqueSecretMatches,
  parseOpaqueToken,
  type NewOpaqueSecret,
  type OpaqueKind,
  type OpaqueToken,
} from './opaque-secret.js';
export { HasherBusyError, PasswordHasher, type PasswordHasherOptions } from './password-hasher.js';
export { passwordProblems } from './password-problems.js';
export {
  currentSigningKey,
  planKeyRotation,
  type KeyRotationAction,
  type KeyRotationPolicy,
  type RotatingKey,
} from './plan-key-rotation.js';
export { PeerIssuer, type PeerIssuerOptions } from './peer-issuer.js';
export { PeerVerifier, type PeerVerifierOptions } from './peer-verifier.js';
export {
  PLUGIN_IDENTITY_ISSUER,
  PLUGIN_IDENTITY_LIFETIME_SECONDS,
  PLUGIN_IDENTITY_TOKEN_TYPE,
  PluginIdentityIssuer,
  type PluginIdentityIssuerOptions,
} from './plugin-identity-issuer.js';
export { RevocationList, type RevocationListOptions } from './revocation-list.js';
export { IDENTITY_ISSUER } from './service-claims.js';
export {
  afterFailure,
  SIGN_IN_POLICY,
  signInDecision,
  type SignInDecision,
  type SignInFailures,
  type ThrottlePolicy,
} from './sign-in-throttle.js';
export {
  exportSigningKey,
  generateSigningKey,
  importSigningKey,
  keyLookup,
  PublicJwkSchema,
  type PublicJwk,
  type SigningKey,
} from './signing-key.js';
export {
  TOKEN_REFUSALS,
  TokenRefusedError,
  tokenRefusalOf,
  type TokenRefusal,
} from './token-refused-error.js';
export { ROLES, RoleSchema, UserClaimsSchema, type Role, type UserClaims } from './user-claims.js';
export { VerifiedTokenCache, type VerifiedTokenCacheOptions } from './verified-token-cache.js';
