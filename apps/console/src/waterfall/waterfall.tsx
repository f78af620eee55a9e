import { memo, useEffect, useRef, type CSSProperties } from 'react';
import { useVirtualizer } from '@tanstack/react-virtual';
import { formatDuration } from '../format/format.ts';
import type { Span } from './span.ts';
import { formatTick, MAX_TICKS, tickStepMs } from './ticks.ts';
import './waterfall.css';

export interface WaterfallProps {
  readonly spans: readonly Span[];
  /** Where the axis begins. */
  readonly startMs: number;
  /** Where it ends now; called once a frame while anything runs. */
  readonly endMs: () => number;
  /** The moment that is played: what runs then ends there, not at the end of the axis. */
  readonly headMs?: number | undefined;
  readonly isRunning: boolean;
  readonly selected: string | undefined;
  readonly onSelect: (span: Span) => void;
}

const ROW_PX = 26;

/**
 * The spans to one scale. A running bar grows with every frame without React knowing: its width is a division of CSS
 * variables, of which only one changes, on the element around all bars.
 */
export function Waterfall({ spans, startMs, endMs, headMs, isRunning, selected, onSelect }: WaterfallProps) {
  const scroller = useRef<HTMLDivElement>(null);
  const axis = useRef<HTMLDivElement>(null);
  useAxis(axis, startMs, endMs, isRunning);
  const rows = useVirtualizer({
    count: spans.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_PX,
    overscan: 10,
    getItemKey: (index) => spans[index]!.id,
  });
  return (
    <div
      className="waterfall"
      ref={axis}
      style={headMs === undefined ? undefined : ({ '--head': Math.max(0, headMs - startMs) } as CSSProperties)}
    >
      <div className="axis" aria-hidden="true">
        <div className="track">
          {Array.from({ length: MAX_TICKS }, (_, index) => (
            <span key={index} className="tick" style={{ '--index': index } as CSSProperties} />
          ))}
        </div>
      </div>
      <div className="scroller" ref={scroller} role="listbox" tabIndex={0} aria-label="Steps, tools and model calls">
        <div className="all" role="presentation" style={{ height: rows.getTotalSize() }}>
          {rows.getVirtualItems().map((item) => (
            <Bar
              key={item.key}
              span={spans[item.index]!}
              topPx={item.start}
              startMs={startMs}
              isSelected={spans[item.index]!.id === selected}
              onSelect={onSelect}
            />
          ))}
        </div>
      </div>
    </div>
  );
}

interface BarProps {
  readonly span: Span;
  readonly topPx: number;
  readonly startMs: number;
  readonly isSelected: boolean;
  readonly onSelect: (span: Span) => void;
}

const Bar = memo(function Bar({ span, topPx, startMs, isSelected, onSelect }: BarProps) {
  const { kind, name, depth, state, note, endMs } = span;
  const from = Math.max(0, span.startMs - startMs);
  const style = {
    '--from': from,
    ...(endMs !== undefined && { '--to': Math.max(from, endMs - startMs) }),
  } as CSSProperties;
  const took = endMs === undefined ? '' : formatDuration(endMs - span.startMs);
  return (
    <div
      className={`bar-row ${kind} ${state}`}
      role="option"
      aria-selected={isSelected}
      style={{ transform: `translateY(${topPx}px)` }}
      onClick={() => onSelect(span)}
    >
      <span className="name" style={{ paddingLeft: depth * 14 }}>
        <span className="kind" aria-hidden="true">
          {KIND_SIGNS[kind]}
        </span>
        <span className="spoken">
          {state === 'done' || state === 'running' ? KIND_WORDS[kind] : `${state} ${KIND_WORDS[kind]}`}
        </span>
        <span className="text">{name}</span>
        {note !== undefined && <span className="note">{note}</span>}
      </span>
      <span className="track" style={style}>
        <span className="bar" />
        <span className="took">{took || <span className="spoken">running</span>}</span>
      </span>
    </div>
  );
});

const KIND_WORDS: Readonly<Record<Span['kind'], string>> = {
  run: 'run',
  step: 'step',
  tool: 'tool call',
  llm: 'model call',
  wait: 'wait for a person',
};
const KIND_SIGNS: Readonly<Record<Span['kind'], string>> = { run: '▶', step: '▪', tool: '◆', llm: '●', wait: '?' };

function useAxis(
  element: { readonly current: HTMLDivElement | null },
  startMs: number,
  endMs: () => number,
  isRunning: boolean,
): void {
  const latest = useRef(endMs);
  latest.current = endMs;
  useEffect(() => {
    let frame = 0;
    const draw = (): void => {
      const lengthMs = Math.max(1, latest.current() - startMs);
      const stepMs = tickStepMs(lengthMs);
      element.current?.style.setProperty('--length', String(lengthMs));
      element.current?.style.setProperty('--tick', String(stepMs));
      for (const [index, tick] of [...(element.current?.querySelectorAll('.tick') ?? [])].entries()) {
        const words = index * stepMs > lengthMs ? '' : formatTick(index * stepMs);
        // Most frames change none: the browser need not lay them out again.
        if (tick.textContent !== words) tick.textContent = words;
      }
      if (isRunning) frame = requestAnimationFrame(draw);
    };
    draw();
    return () => cancelAnimationFrame(frame);
  });
}
