-- Partition upkeep, called by the owner only (EXECUTE is revoked from PUBLIC by default).
-- The procedures commit after each partition, so that no lock is held for longer than one takes.

CREATE FUNCTION partitioned_tables() RETURNS SETOF regclass
LANGUAGE sql STABLE AS $$
  SELECT partrelid::regclass FROM pg_partitioned_table
  JOIN pg_class ON pg_class.oid = partrelid
  WHERE relnamespace = 'public'::regnamespace
$$;

CREATE FUNCTION partition_name(parent regclass, day date) RETURNS text
LANGUAGE sql STABLE AS $$
  SELECT format('%s_p%s', (SELECT relname FROM pg_class WHERE oid = parent), to_char(day, 'YYYYMMDD'))
$$;

CREATE FUNCTION default_partition(parent regclass) RETURNS regclass
LANGUAGE sql STABLE AS $$
  SELECT partdefid::regclass FROM pg_partitioned_table WHERE partrelid = parent
$$;

-- Makes the partition of that UTC day and moves the day's rows out of the default partition into it.
CREATE FUNCTION ensure_partition(parent regclass, day date) RETURNS bigint
LANGUAGE plpgsql AS $$
DECLARE
  name text := partition_name(parent, day);
  lower_bound timestamptz := day::timestamp AT TIME ZONE 'UTC';
  upper_bound timestamptz := (day + 1)::timestamp AT TIME ZONE 'UTC';
  moved bigint;
BEGIN
  -- Whoever waits for a lock stands in front of every later reader and writer: give up soon, the
  -- schedule comes back.
  PERFORM set_config('lock_timeout', '5s', true);
  EXECUTE format('CREATE TABLE public.%I (LIKE %s INCLUDING ALL)', name, parent);
  -- Before the move: a row that came into the default partition after it would make ATTACH fail.
  EXECUTE format('LOCK TABLE %s IN ACCESS EXCLUSIVE MODE', default_partition(parent));
  EXECUTE format(
    'WITH moving AS (DELETE FROM %s WHERE timestamp >= $1 AND timestamp < $2 RETURNING *)
     INSERT INTO public.%I SELECT * FROM moving',
    default_partition(parent), name
  ) USING lower_bound, upper_bound;
  GET DIAGNOSTICS moved = ROW_COUNT;
  EXECUTE format(
    'ALTER TABLE %s ATTACH PARTITION public.%I FOR VALUES FROM (%L) TO (%L)',
    parent, name, lower_bound, upper_bound
  );
  RETURN moved;
END
$$;

-- From today for `ahead` days, and every day of which the default partition has rows.
CREATE PROCEDURE ensure_partitions(ahead integer, INOUT created integer DEFAULT 0, INOUT moved bigint DEFAULT 0)
LANGUAGE plpgsql AS $$
DECLARE
  today date := (now() AT TIME ZONE 'UTC')::date;
  parent regclass;
  days date[];
  day date;
BEGIN
  FOR parent IN SELECT partitioned_tables() LOOP
    EXECUTE format(
      'SELECT array_agg(DISTINCT (timestamp AT TIME ZONE ''UTC'')::date) FROM %s', default_partition(parent)
    ) INTO days;
    FOR day IN
      SELECT wanted FROM unnest(days || ARRAY(SELECT today + n FROM generate_series(0, ahead) AS n)) AS wanted
      WHERE to_regclass(format('public.%I', partition_name(parent, wanted))) IS NULL
      GROUP BY wanted ORDER BY wanted
    LOOP
      moved := moved + ensure_partition(parent, day);
      created := created + 1;
      COMMIT;
    END LOOP;
  END LOOP;
END
$$;

-- Drops the partitions that ended `retention` days ago or earlier, and such rows of the default partition.
CREATE PROCEDURE drop_old_partitions(retention integer, INOUT dropped integer DEFAULT 0, INOUT deleted bigint DEFAULT 0)
LANGUAGE plpgsql AS $$
DECLARE
  oldest date := (now() AT TIME ZONE 'UTC')::date - retention;
  parent regclass;
  partition regclass;
  gone bigint;
BEGIN
  FOR parent IN SELECT partitioned_tables() LOOP
    FOR partition IN
      SELECT inhrelid::regclass FROM pg_inherits JOIN pg_class ON pg_class.oid = inhrelid
      WHERE inhparent = parent AND relname ~ '_p\d{8}$' AND to_date(right(relname, 8), 'YYYYMMDD') < oldest
    LOOP
      PERFORM set_config('lock_timeout', '5s', true);
      EXECUTE format('DROP TABLE %s', partition);
      dropped := dropped + 1;
      COMMIT;
    END LOOP;
    EXECUTE format('DELETE FROM %s WHERE timestamp < $1', default_partition(parent))
      USING oldest::timestamp AT TIME ZONE 'UTC';
    GET DIAGNOSTICS gone = ROW_COUNT;
    deleted := deleted + gone;
    COMMIT;
  END LOOP;
END
$$;
