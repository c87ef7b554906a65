import { EXIT } from './exit-codes.ts';
import { processIo } from './process-io.ts';
import { run } from './run.ts';

process.once('SIGINT', () => process.exit(EXIT.interrupted));
process.exitCode = await run(process.argv.slice(2), processIo());
