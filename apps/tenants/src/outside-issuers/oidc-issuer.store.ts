import { listPage, type Page, type PageOf, type Transaction } from '@switchyard/database';

export interface OidcIssuerRow {
  issuer_id: string;
  name: string;
  /** As its tokens name it. */
  issuer: string;
  audience: string;
  enabled: boolean;
  version: number;
  created_at: Date;
  updated_at: Date;
}

/** Undefined when the id or the address is taken. */
export const insertOidcIssuer = (
  tx: Transaction,
  issuer: Pick<OidcIssuerRow, 'issuer_id' | 'name' | 'issuer' | 'audience' | 'enabled'>,
): Promise<OidcIssuerRow | undefined> =>
  tx.one<OidcIssuerRow>(
    `INSERT INTO tenants.oidc_issuers (issuer_id, name, issuer, audience, enabled) VALUES ($1, $2, $3, $4, $5)
     ON CONFLICT DO NOTHING RETURNING *`,
    [issuer.issuer_id, issuer.name, issuer.issuer, issuer.audience, issuer.enabled],
  );

export const findOidcIssuer = (tx: Transaction, issuerId: string): Promise<OidcIssuerRow | undefined> =>
  tx.one<OidcIssuerRow>('SELECT * FROM tenants.oidc_issuers WHERE issuer_id = $1', [issuerId]);

export const findEnabledByAddress = (tx: Transaction, issuer: string): Promise<OidcIssuerRow | undefined> =>
  tx.one<OidcIssuerRow>('SELECT * FROM tenants.oidc_issuers WHERE issuer = $1 AND enabled', [issuer]);

export const lockOidcIssuer = (tx: Transaction, issuerId: string): Promise<OidcIssuerRow | undefined> =>
  tx.one<OidcIssuerRow>('SELECT * FROM tenants.oidc_issuers WHERE issuer_id = $1 FOR UPDATE', [issuerId]);

/** As it was when the token was checked, and so until what it is exchanged for is issued. */
export const holdOidcIssuer = (tx: Transaction, seen: OidcIssuerRow): Promise<OidcIssuerRow | undefined> =>
  tx.one<OidcIssuerRow>(
    'SELECT * FROM tenants.oidc_issuers WHERE issuer_id = $1 AND enabled AND issuer = $2 AND audience = $3 FOR SHARE',
    [seen.issuer_id, seen.issuer, seen.audience],
  );

export const listOidcIssuerRows = (tx: Transaction, page: Page): Promise<PageOf<OidcIssuerRow>> =>
  listPage<OidcIssuerRow>(
    tx,
    { columns: '*', from: 'tenants.oidc_issuers', where: [], createdAt: 'created_at', id: 'issuer_id' },
    page,
  );

export async function saveOidcIssuer(
  tx: Transaction,
  issuerId: string,
  change: Pick<OidcIssuerRow, 'name' | 'audience' | 'enabled'>,
): Promise<OidcIssuerRow> {
  const row = await tx.one<OidcIssuerRow>(
    `UPDATE tenants.oidc_issuers SET name = $2, audience = $3, enabled = $4, version = version + 1, updated_at = now()
     WHERE issuer_id = $1 RETURNING *`,
    [issuerId, change.name, change.audience, change.enabled],
  );
  if (!row) throw new Error(`outside issuer ${issuerId} vanished while it was locked`);
  return row;
}

export const deleteOidcIssuer = (tx: Transaction, issuerId: string): Promise<number> =>
  tx.run('DELETE FROM tenants.oidc_issuers WHERE issuer_id = $1', [issuerId]);
