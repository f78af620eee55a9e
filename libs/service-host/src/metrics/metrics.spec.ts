import { describe, expect, it } from '@jest/globals';
import { Metrics } from './metrics.ts';

/** `name{labels}` of every series, with its value. */
async function seriesOf({ registry }: Metrics): Promise<Record<string, number>> {
  const lines = (await registry.metrics()).split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return Object.fromEntries(
    lines.map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.split(' ').at(-1))]),
  );
}

const COLOURS = ['red', 'green'] as const;

describe('Metrics', () => {
  it('shows every series of a counter with 0 before anything has happened', async () => {
    const metrics = new Metrics();
    const counter = metrics.counter({ name: 'runcast_spec_total', help: 'spec', labels: { colour: COLOURS } });
    counter.add({ colour: 'red' }, 2);
    expect(await seriesOf(metrics)).toEqual({
      'runcast_spec_total{colour="red"}': 2,
      'runcast_spec_total{colour="green"}': 0,
    });
  });

  it('makes one series of all the values that are on no list', async () => {
    const metrics = new Metrics();
    const counter = metrics.counter({ name: 'runcast_spec_total', help: 'spec', labels: { colour: COLOURS } });
    const histogram = metrics.histogram(
      { name: 'runcast_spec_seconds', help: 'spec', labels: { colour: COLOURS } },
      [1],
    );
    for (let index = 0; index < 1_000; index += 1) {
      const colour = `run-${index}` as 'red';
      counter.add({ colour });
      histogram.observe({ colour }, 0.5);
    }
    const series = await seriesOf(metrics);
    expect(series['runcast_spec_total{colour="other"}']).toBe(1_000);
    expect(series['runcast_spec_seconds_count{colour="other"}']).toBe(1_000);
    expect(Object.keys(series)).toHaveLength(3 + 4);
  });

  it('reads a gauge when it is asked for, and forgets what is no longer reported', async () => {
    const metrics = new Metrics();
    let shown: readonly (typeof COLOURS)[number][] = ['red'];
    metrics.gauge({ name: 'runcast_spec', help: 'spec', labels: { colour: COLOURS } }, (report) =>
      shown.forEach((colour) => report({ colour }, 7)),
    );
    expect(await seriesOf(metrics)).toEqual({ 'runcast_spec{colour="red"}': 7 });
    shown = ['green'];
    expect(await seriesOf(metrics)).toEqual({ 'runcast_spec{colour="green"}': 7 });
  });
});
