// Prints the counts of a vitest JSON report in one plain line, and fails when a test failed or none ran.
import { readFileSync } from 'node:fs';

interface Report { numPassedTests: number; numFailedTests: number; numPendingTests: number; numTodoTests: number }

const report = JSON.parse(readFileSync(process.argv[2]!, 'utf8')) as Report;
const skipped = report.numPendingTests + report.numTodoTests;
console.log(`${report.numPassedTests} passed, ${report.numFailedTests} failed, ${skipped} skipped`);
process.exitCode = report.numFailedTests > 0 || report.numPassedTests === 0 ? 1 : 0;
