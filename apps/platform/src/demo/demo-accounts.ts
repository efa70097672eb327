/** Well-known, and therefore only on a loopback address. */
export const demoAdmin = { username: 'admin@example.com', password: 'Admin123!' };
export const demoTenant = { tenantId: 'demo', name: 'Demo' };
export const demoUser = { username: 'demo@example.com', password: 'Demo1234!' };
