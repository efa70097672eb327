import { separateProcessesContract } from './separate-processes-contract.js';

separateProcessesContract({ title: 'the log in PostgreSQL', transport: 'log', env: () => ({}) });
