/** How bad a finding would be, from least to most. */
export const SEVERITIES = ['note', 'warning', 'error'] as const;
export type Severity = (typeof SEVERITIES)[number];

/** How sure a rule is of a finding, from least to most. */
export const CONFIDENCES = ['low', 'medium', 'high'] as const;
export type Confidence = (typeof CONFIDENCES)[number];

/** The greater of two severities. */
export function worse(a: Severity, b: Severity): Severity {
  return SEVERITIES.indexOf(a) >= SEVERITIES.indexOf(b) ? a : b;
}

/** Whether `a` is at least as severe as `threshold`. */
export function atLeast(a: Severity, threshold: Severity): boolean {
  return SEVERITIES.indexOf(a) >= SEVERITIES.indexOf(threshold);
}
