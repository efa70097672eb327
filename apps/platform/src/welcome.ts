export interface Welcome {
  url: string;
  demo: { username: string; password: string } | undefined;
  milliseconds: number;
}

/** What a newcomer needs next: where it is, how to sign in, and three lines to try. */
export function welcome({ url, demo, milliseconds }: Welcome): string {
  const ready = `\nSwitchyard is ready at ${url} (${(milliseconds / 1000).toFixed(1)} s), documentation at ${url}/docs\n`;
  if (!demo) return `${ready}\n`;
  const body = JSON.stringify({ username: demo.username, password: demo.password });
  return `${ready}
  Sign in as ${demo.username} with ${demo.password} (a demo account: only here on this machine)

  Try:
    TOKEN=$(curl -s ${url}/api/v1/authentication/login -H 'content-type: application/json' -d '${body}' | sed 's/.*"token":"\\([^"]*\\)".*/\\1/')
    curl -s ${url}/api/v1/tenants -H "authorization: Bearer $TOKEN" -H 'content-type: application/json' -d '{"tenantId":"my-first-tenant","name":"My first tenant"}'
    curl -s ${url}/api/v1/tenants -H "authorization: Bearer $TOKEN"

  npm run demo, in another terminal, shows a good version that takes over and a bad one that is found out.
  Ctrl-C stops everything; the data is kept.

`;
}
