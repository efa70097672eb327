import { createHash } from 'node:crypto';
import { recordAudit } from '@switchyard/audit';
import { issueRobotToken } from '@switchyard/auth';
import type { ExchangedToken } from '@switchyard/contracts';
import type { ServiceDatabase, Transaction } from '@switchyard/database';
import { AppError } from '@switchyard/errors';
import type { EdgeCall } from '@switchyard/service';
import type { z } from 'zod';
import {
  findEnabledByAddress,
  holdOidcIssuer,
  type OidcIssuerRow,
} from '../outside-issuers/oidc-issuer.store.js';
import type { OutsideKeys } from '../outside-issuers/outside-keys.js';
import type { SigningKeys } from '../signing-keys/signing-keys.js';
import type { TenantsOptions } from '../tenants-options.js';
import { anchorsIn } from '../trust-rules/anchor.js';
import { subjectOfRule } from '../trust-rules/refuse-tokens-of-rule.js';
import { markTrustRuleUsed, trustRulesAt, type TrustRuleRow } from '../trust-rules/trust-rule.store.js';
import { chooseRule, type Choice, type WantedOwner } from './choose-rule.js';
import { countExchange } from './exchanged-token.store.js';
import {
  ExchangeRefused,
  readOutsideToken,
  verifyOutsideToken,
  type OutsideClaims,
} from './outside-token.js';

type Exchanged = z.output<typeof ExchangedToken>;

/** The same words whatever was wrong: who may know can read it in the audit log. */
const refused = (): AppError =>
  new AppError('UNAUTHORIZED', 'The token is not accepted: no trust rule lets it in', {
    headers: { 'www-authenticate': 'Bearer realm="switchyard", error="invalid_token"' },
  });

/** A token of an outside issuer for one of ours, by the rules of those who trust it. */
export class Exchange {
  constructor(
    private readonly database: ServiceDatabase,
    private readonly outsideKeys: OutsideKeys,
    private readonly keys: SigningKeys,
    private readonly options: TenantsOptions,
  ) {}

  async exchange(call: EdgeCall, token: string, wanted: WantedOwner): Promise<Exchanged> {
    const told: Record<string, unknown> = { ...wanted };
    try {
      const claimed = readOutsideToken(token);
      told['issuer'] = claimed.iss.slice(0, 200);
      const issuer = await this.database.withPlatform('exchange an outside token', (tx) =>
        findEnabledByAddress(tx, claimed.iss),
      );
      if (!issuer) throw new ExchangeRefused('issuer');
      told['issuerId'] = issuer.issuer_id;
      const claims = await verifyOutsideToken(claimed, issuer, this.outsideKeys, this.options.clock());
      told['outside'] = { sub: short(claims.sub), jti: short(claims.jti) };
      return await this.database.withPlatform('exchange an outside token', (tx) =>
        this.issue(tx, call, { token, issuer, claims, wanted, told }),
      );
    } catch (error) {
      if (!(error instanceof ExchangeRefused)) throw error;
      await this.auditRefusal(call, { ...told, check: error.check, ...error.known });
      throw error.cause instanceof AppError ? error.cause : refused();
    }
  }

  private async issue(
    tx: Transaction,
    call: EdgeCall,
    given: {
      token: string;
      issuer: OidcIssuerRow;
      claims: OutsideClaims;
      wanted: WantedOwner;
      told: Readonly<Record<string, unknown>>;
    },
  ): Promise<Exchanged> {
    const { token, issuer, claims, wanted } = given;
    if (!(await holdOidcIssuer(tx, issuer))) throw new ExchangeRefused('issuer');
    const rules = await trustRulesAt(tx, issuer.issuer_id, anchorsIn(claims));
    const chosen = mustChoose(chooseRule(rules, claims, wanted));
    const rule = await markTrustRuleUsed(tx, chosen.rule_id);
    if (!rule) throw new ExchangeRefused('rules');
    const use = await countExchange(tx, hashOf(token, claims), new Date(claims.exp * 1000));
    if (use === undefined) throw new ExchangeRefused('replay');
    const answer = this.answer(rule, claims);
    await recordAudit(tx, {
      tenant: rule.tenant_id,
      action: 'token.exchanged',
      outcome: 'Success',
      actor: answer.user.username,
      actorKind: 'robot',
      subject: rule.name,
      address: call.address,
      traceId: call.trace.traceId,
      details: { ...given.told, ruleId: rule.rule_id, use, expiresAt: answer.expiresAt },
    });
    return answer;
  }

  private answer(rule: TrustRuleRow, outside: OutsideClaims): Exchanged {
    const { clock, issuer, audience, accessTokenSeconds } = this.options;
    const now = clock();
    // The tolerance lets in who is a little late; nothing lives beyond what the outside issuer granted.
    const left = Math.floor(outside.exp) - Math.floor(now / 1000);
    if (left <= 0) throw new ExchangeRefused('expired');
    const publishers = rule.publisher_id === null ? [] : [rule.publisher_id];
    const username = `ci:${rule.publisher_id ?? rule.tenant_id ?? ''}/${rule.name}`;
    const { token, claims } = issueRobotToken(
      this.keys.signingKey(),
      {
        sub: subjectOfRule(rule.rule_id),
        gen: rule.token_generation,
        username,
        role: rule.role,
        tenant: rule.tenant_id,
        publishers,
      },
      { now, lifetimeSeconds: Math.min(accessTokenSeconds, left), issuer, audience },
    );
    return {
      token,
      expiresAt: new Date(claims.exp * 1000).toISOString(),
      user: { username, role: rule.role, tenantId: rule.tenant_id, publishers },
    };
  }

  private async auditRefusal(call: EdgeCall, details: Readonly<Record<string, unknown>>): Promise<void> {
    await this.database.withPlatform('exchange an outside token', (tx) =>
      recordAudit(tx, {
        tenant: null,
        action: 'token.exchanged',
        outcome: 'Refused',
        actor: 'anonymous',
        actorKind: 'anonymous',
        address: call.address,
        traceId: call.trace.traceId,
        details,
      }),
    );
  }
}

const short = (claim: unknown): string | undefined =>
  typeof claim === 'string' ? claim.slice(0, 200) : undefined;

function mustChoose(choice: Choice<TrustRuleRow>): TrustRuleRow {
  if (choice.kind === 'rule') return choice.rule;
  if (choice.kind === 'none') throw new ExchangeRefused('rules');
  const { publishers, tenants } = choice;
  const owners = { publisherId: publishers, tenantId: tenants };
  const details = Object.entries(owners)
    .filter(([, allowed]) => allowed.length > 0)
    .map(([field, allowed]) => ({ field, message: 'name the one that is meant', allowed }));
  const cause = new AppError('VALIDATION_ERROR', 'Several trust this token: say which is meant', { details });
  throw new ExchangeRefused('ambiguous', owners, cause);
}

/** By its own name where it has one. Without the signature, of which a token can have two that are both good. */
const hashOf = (token: string, { iss, jti }: OutsideClaims): string =>
  createHash('sha256')
    .update(
      typeof jti === 'string' && jti !== ''
        ? `jti\n${String(iss)}\n${jti}`
        : `token\n${token.slice(0, token.lastIndexOf('.'))}`,
    )
    .digest('base64url');
