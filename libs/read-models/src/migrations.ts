import { FirstTables1795251946230 } from './migrations/1795251946230-first-tables.ts';
import { RunActivity1795255800000 } from './migrations/1795255800000-run-activity.ts';
import { EventPartitions1795262400000 } from './migrations/1795262400000-event-partitions.ts';
import { Redaction1795264200000 } from './migrations/1795264200000-redaction.ts';
import { Access1795267800000 } from './migrations/1795267800000-access.ts';
import { ErasureAndAudit1795269600000 } from './migrations/1795269600000-erasure-and-audit.ts';
import { RateBudgets1795273200000 } from './migrations/1795273200000-rate-budgets.ts';
import { TenantWalls1795280400000 } from './migrations/1795280400000-tenant-walls.ts';
import { EveryTenantWall1795287600000 } from './migrations/1795287600000-every-tenant-wall.ts';

/** Every migration, oldest first. */
export const MIGRATIONS = [
  FirstTables1795251946230,
  RunActivity1795255800000,
  EventPartitions1795262400000,
  Redaction1795264200000,
  Access1795267800000,
  ErasureAndAudit1795269600000,
  RateBudgets1795273200000,
  TenantWalls1795280400000,
  EveryTenantWall1795287600000,
];
