import { globSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';
import { labelsIn, metricsIn, servedIn } from './named-metrics.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const read = (path: string): string => readFileSync(`${ROOT}/${path}`, 'utf8');

interface Rule {
  readonly alert: string;
  readonly expr: string;
  readonly annotations: { readonly summary: string; readonly runbook: string };
}
const { groups } = parse(read('docker/observability/alerts.yml')) as { groups: { rules: Rule[] }[] };
const rules = groups.flatMap((group) => group.rules);

it.each([
  ['sum by (a, b) (rate(x_total{c="d_e"}[5m])) > 0', ['x_total'], ['c', 'a', 'b']],
  ['min(up) and x_seconds > 30', ['up', 'x_seconds'], []],
  ['histogram_quantile(0.99, sum by (le) (rate(x_bucket[$__rate_interval])))', ['x_bucket'], ['le']],
])('%s names its metrics and labels', (expression, metrics, labels) => {
  expect(metricsIn(expression)).toEqual(metrics);
  expect(labelsIn(expression)).toEqual(labels);
});

it('a histogram is served in three parts, a counter without a series under its name', () => {
  const served = servedIn('# TYPE h histogram\nh_bucket{le="1",x="y"} 1\n# TYPE c counter\n');
  expect([...served.keys()]).toEqual(['h_bucket', 'h_sum', 'h_count', 'c']);
  expect([...served.get('h_bucket')!]).toEqual(['le', 'x']);
});

describe('The runbooks', () => {
  const pages = globSync('docs/runbooks/Runcast*.md', { cwd: ROOT }).map((path) => basename(path, '.md'));

  it('are one page an alert', () => {
    expect(rules.length).toBeGreaterThan(5);
    expect(pages.sort()).toEqual(rules.map(({ alert }) => alert).sort());
  });

  it.each(rules)('of $alert is where the rule says, shows its expression and leads back to it', (rule) => {
    expect(rule.annotations.runbook).toBe(`docs/runbooks/${rule.alert}.md`);
    const page = read(rule.annotations.runbook);
    expect(page).toContain(rule.expr);
    expect(page).toContain('(../../docker/observability/alerts.yml)');
    expect(read('docs/runbooks/README.md')).toContain(`[${rule.alert}](${rule.alert}.md)`);
  });
});
