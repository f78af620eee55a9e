import { useEffect, useRef } from 'react';
import { useQuery } from '@tanstack/react-query';
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import { useAccess } from '../access/access.tsx';
import type { RunCountsBody } from '../api/types.ts';
import { stackCounts } from './stack-counts.ts';
import { STATUSES } from './run-filter.ts';
import './status.css';

const MINUTES = 60;
const BUCKETS = 60;
const WIDTH_PX = 240;
const HEIGHT_PX = 30;

/** How many runs began in each of the last sixty minutes, by what has become of them. */
export function StatusSparkline() {
  const { api } = useAccess();
  const { data } = useQuery({
    queryKey: ['summed', 'counts'],
    queryFn: ({ signal }) =>
      api.json<RunCountsBody>(`/v1/run-counts?minutes=${MINUTES}&buckets=${BUCKETS}`, { signal }),
    refetchInterval: 30_000,
  });
  const place = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (place.current === null || data === undefined) return;
    const plot = draw(place.current, data);
    return () => plot.destroy();
  }, [data]);
  const total = data?.buckets.reduce((sum, bucket) => sum + countOf(bucket), 0) ?? 0;
  return (
    <figure className="sparkline">
      <div ref={place} aria-hidden="true" />
      <figcaption className="faint">
        {total} {total === 1 ? 'run' : 'runs'} in the last hour{data?.is_cut && ', or more'}
      </figcaption>
    </figure>
  );
}

function countOf(bucket: RunCountsBody['buckets'][number]): number {
  return STATUSES.reduce((sum, status) => sum + (bucket[status] ?? 0), 0);
}

function draw(place: HTMLElement, counts: RunCountsBody): uPlot {
  const { times, layers } = stackCounts(counts, Date.now(), BUCKETS);
  const bars = uPlot.paths.bars!({ size: [0.8, 12] });
  const series = layers.map(({ status }) => ({
    paths: bars,
    fill: colourOf(status),
    width: 0,
    points: { show: false },
  }));
  return new uPlot(
    {
      width: WIDTH_PX,
      height: HEIGHT_PX,
      legend: { show: false },
      cursor: { show: false },
      padding: [1, 0, 0, 0],
      axes: [{ show: false }, { show: false }],
      scales: { x: { time: true }, y: { range: (_plot, _min, max) => [0, Math.max(1, max)] } },
      series: [{}, ...series],
    },
    [times, ...layers.map(({ tops }) => tops)],
    place,
  );
}

/** A canvas knows no CSS variables, and no light-dark(): the browser is asked what a colour comes to. */
function colourOf(status: string): string {
  const probe = document.createElement('span');
  probe.className = `fill-${status}`;
  document.body.append(probe);
  const { backgroundColor } = getComputedStyle(probe);
  probe.remove();
  return backgroundColor;
}
