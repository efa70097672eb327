import { PassportStrategy } from '@nestjs/passport';
import {
  jwtStrategyOptions,
  parseUserClaims,
  type JwtStrategySettings,
  type UserClaims,
} from '@switchyard/auth';
import passportJwt from 'passport-jwt';

/** Verifies user tokens: algorithm, key, issuer, audience and times are pinned by the options. */
export class EdgeJwtStrategy extends PassportStrategy(passportJwt.Strategy, 'switchyard') {
  constructor(settings: JwtStrategySettings) {
    super(jwtStrategyOptions(settings));
  }

  validate(payload: unknown): UserClaims {
    return parseUserClaims(payload);
  }
}
