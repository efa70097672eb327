import { randomBytes } from 'node:crypto';
import { separateProcessesContract } from '../../lifecycle/separate-processes-contract.js';

const brokers = process.env['KAFKA_BROKERS'] ?? '';

if (brokers === '')
  it('needs KAFKA_BROKERS', () => {
    throw new Error('set KAFKA_BROKERS; see CONTRIBUTING.md');
  });
else
  separateProcessesContract({
    title: 'Kafka',
    transport: 'kafka',
    env: () => ({ KAFKA_BROKERS: brokers, KAFKA_TOPIC: `services.${randomBytes(5).toString('hex')}` }),
  });
