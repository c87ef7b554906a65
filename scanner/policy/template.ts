import type { Level } from './policy.ts';
import { levelName } from './vocabulary.ts';

/** What each level is for, in the words of its first lines. */
const PURPOSES: Readonly<Record<string, string>> = {
  privileged: 'unrestricted capability, not unverified bytes',
  baseline: 'what default output of mainstream server toolchains needs',
  restricted: 'computing, and talking through what the platform gives every guest',
};

/** A first policy over a level, as commented YAML that loads as it stands. */
export function policyTemplate(level: Level): string {
  const purpose = PURPOSES[level.name];
  return `# A wasmgate policy. Every key is explained in docs/policy.md.
apiVersion: wasmgate.dev/v1alpha1
kind: WasmPolicy
metadata:
  name: my-policy
spec:
  # Where to start${purpose === undefined ? '' : `: ${purpose}`}.
  # The version is pinned, so that the verdict stays the same when a newer version of the level comes out.
  level: ${levelName(level)}

  # Which artifacts it applies to; without this, every artifact.
  # match:
  #   references: ["registry.example/my-team/**"]

  # Powers on top of the level, and powers denied whatever the level says.
  # capabilities:
  #   allow: [fs-write]
  #   deny: ["net-*"]

  # Single imports, whatever their capability.
  # imports:
  #   allow: ["wasi:http/*@0.2", "env.log"]
  #   deny: ["env.system"]

  # Going over a limit that is stated here is an error.
  # limits:
  #   bytes: 16Mi
  #   memory: 64Mi
  #   functions: 50000

  # Severities of single rules: error, warning, note or off.
  # rules:
  #   debug-info-embedded: "off"

  # Conditions of your own over the facts.
  # expressions:
  # - name: no-unknown-imports
  #   cel: imports.all(i, i.capability != "unknown")
  #   message: Every import must be one that wasmgate knows
  #   severity: error

  # Findings that are accepted, by whom, why and until when.
  # waivers:
  # - rule: memory-unbounded
  #   digest: sha256:0000000000000000000000000000000000000000000000000000000000000000
  #   reason: The host limits memory
  #   owner: my-team
  #   expires: 2030-01-31

  # enforce denies, warn turns a denial into a warning, audit lets through and lists.
  mode: enforce
  # What happens when an artifact could not be judged.
  onError: deny
`;
}
