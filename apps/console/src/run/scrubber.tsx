import { useEffect, useRef } from 'react';
import { formatDuration } from '../format/format.ts';
import { advance, SPEEDS, type Speed } from '../waterfall/scrub.ts';

export interface Playing {
  readonly atMs: number;
  readonly speed: Speed;
  readonly isPlaying: boolean;
}

export interface ScrubberProps {
  readonly startMs: number;
  readonly endMs: number;
  /** Undefined while the whole run is shown. */
  readonly playing: Playing | undefined;
  readonly onChange: (playing: Playing | undefined) => void;
}

/** Plays a finished run again, from any moment of it. */
export function Scrubber({ startMs, endMs, playing, onChange }: ScrubberProps) {
  usePlaying(endMs, playing, onChange);
  const atMs = playing?.atMs ?? endMs;
  const speed = playing?.speed ?? 1;
  const toggle = (): void => {
    if (playing?.isPlaying) onChange({ ...playing, isPlaying: false });
    else onChange({ atMs: atMs >= endMs ? startMs : atMs, speed, isPlaying: true });
  };
  return (
    <div className="scrubber" role="group" aria-label="Play the run again">
      <button className="button" onClick={toggle}>
        <span aria-hidden="true">{playing?.isPlaying ? '❚❚' : '▶'}</span>
        {playing?.isPlaying ? 'Pause' : 'Replay'}
      </button>
      <input
        type="range"
        min={startMs}
        max={endMs}
        step="any"
        value={atMs}
        aria-label="Moment of the run"
        aria-valuetext={`${formatDuration(atMs - startMs)} of ${formatDuration(endMs - startMs)}`}
        onChange={({ target }) => onChange({ atMs: Number(target.value), speed, isPlaying: false })}
      />
      <span className="moment">
        {formatDuration(atMs - startMs)} / {formatDuration(endMs - startMs)}
      </span>
      <label>
        <span className="spoken">Speed</span>
        <select
          className="field"
          value={speed}
          onChange={({ target }) =>
            onChange({ atMs, isPlaying: playing?.isPlaying ?? false, speed: Number(target.value) as Speed })
          }
        >
          {SPEEDS.map((each) => (
            <option key={each} value={each}>
              {each}×
            </option>
          ))}
        </select>
      </label>
      {playing && (
        <button className="button quiet" onClick={() => onChange(undefined)}>
          Show all
        </button>
      )}
    </div>
  );
}

function usePlaying(
  endMs: number,
  playing: Playing | undefined,
  onChange: (playing: Playing | undefined) => void,
): void {
  const latest = useRef({ playing, onChange });
  useEffect(() => {
    latest.current = { playing, onChange };
  });
  const isPlaying = playing?.isPlaying ?? false;
  useEffect(() => {
    if (!isPlaying) return;
    let frame = 0;
    let last = performance.now();
    const step = (now: number): void => {
      const { playing: current, onChange: tell } = latest.current;
      if (current !== undefined) {
        const atMs = advance(current.atMs, now - last, current.speed, endMs);
        tell({ ...current, atMs, isPlaying: atMs < endMs });
      }
      last = now;
      frame = requestAnimationFrame(step);
    };
    frame = requestAnimationFrame(step);
    return () => cancelAnimationFrame(frame);
  }, [isPlaying, endMs]);
}
