export interface OutboundRequest {
  readonly headers?: Readonly<Record<string, string>>;
  readonly accept?: string;
  readonly maxBytes?: number;
  readonly timeoutMs?: number;
}
