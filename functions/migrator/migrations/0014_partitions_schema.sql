-- Partitions get a schema of their own, so that \d shows the tables that people query. A query of a table reads its
-- partitions wherever they are, with the rights on the table.
--
-- No table is locked here. Maintenance moves the partitions, each in a transaction of its own: a change of the catalog,
-- whatever the size of a partition. The release before maintains them by the same procedures, whose parameters stay.

CREATE SCHEMA partitions;
COMMENT ON SCHEMA partitions IS 'Partitions of the tables in public, one per UTC day, and default partitions; query the tables';

-- As in public.
GRANT USAGE ON SCHEMA partitions TO app_readwrite, app_readonly;
ALTER DEFAULT PRIVILEGES IN SCHEMA partitions GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO app_readwrite;
ALTER DEFAULT PRIVILEGES IN SCHEMA partitions GRANT SELECT ON TABLES TO app_readonly;

-- Whether a table has the partition of that day, wherever; or a table is where it was or would be, such as one that was
-- detached, which is left alone.
CREATE FUNCTION has_partition(parent regclass, day date) RETURNS boolean
LANGUAGE sql STABLE AS $$
  SELECT EXISTS (
    SELECT FROM pg_inherits JOIN pg_class ON pg_class.oid = inhrelid
    WHERE inhparent = parent AND relname = partition_name(parent, day)
  ) OR to_regclass(format('public.%I', partition_name(parent, day))) IS NOT NULL
    OR to_regclass(format('partitions.%I', partition_name(parent, day))) IS NOT NULL
$$;

-- Makes the partition of that UTC day and moves the day's rows out of the default partition into it.
CREATE OR REPLACE FUNCTION ensure_partition(parent regclass, day date) RETURNS bigint
LANGUAGE plpgsql AS $$
DECLARE
  name text := format('partitions.%I', partition_name(parent, day));
  lower_bound timestamptz := day::timestamp AT TIME ZONE 'UTC';
  upper_bound timestamptz := (day + 1)::timestamp AT TIME ZONE 'UTC';
  moved bigint;
BEGIN
  -- Whoever waits for a lock stands in front of every later reader and writer: give up soon, the
  -- schedule comes back.
  PERFORM set_config('lock_timeout', '5s', true);
  EXECUTE format('CREATE TABLE %s (LIKE %s INCLUDING ALL)', name, parent);
  -- Before the move: a row that came into the default partition after it would make ATTACH fail.
  EXECUTE format('LOCK TABLE %s IN ACCESS EXCLUSIVE MODE', default_partition(parent));
  EXECUTE format(
    'WITH moving AS (DELETE FROM %s WHERE timestamp >= $1 AND timestamp < $2 RETURNING *)
     INSERT INTO %s SELECT * FROM moving',
    default_partition(parent), name
  ) USING lower_bound, upper_bound;
  GET DIAGNOSTICS moved = ROW_COUNT;
  EXECUTE format(
    'ALTER TABLE %s ATTACH PARTITION %s FOR VALUES FROM (%L) TO (%L)',
    parent, name, lower_bound, upper_bound
  );
  RETURN moved;
END
$$;

-- Moves the partitions that are in public. One that is in use for more than 2 s is left for the next run, and after
-- five of them the others are too: whoever holds them may hold all.
CREATE PROCEDURE move_partitions(INOUT moved integer DEFAULT 0)
LANGUAGE plpgsql AS $$
DECLARE
  partition regclass;
  left_over integer := 0;
BEGIN
  FOR partition IN
    SELECT inhrelid::regclass FROM partitioned_tables() AS parent
    JOIN pg_inherits ON inhparent = parent JOIN pg_class ON pg_class.oid = inhrelid
    WHERE relnamespace = 'public'::regnamespace ORDER BY relname
  LOOP
    PERFORM set_config('lock_timeout', '2s', true);
    BEGIN
      EXECUTE format('ALTER TABLE %s SET SCHEMA partitions', partition);
      moved := moved + 1;
    EXCEPTION WHEN lock_not_available OR duplicate_table THEN
      left_over := left_over + 1;
      RAISE WARNING 'the partition % stays in the schema public until the next maintenance: %', partition, SQLERRM;
    END;
    COMMIT;
    EXIT WHEN left_over = 5;
  END LOOP;
END
$$;

-- From today for `ahead` days, and every day of which the default partition has rows; moves what is in public.
CREATE OR REPLACE PROCEDURE ensure_partitions(ahead integer, INOUT created integer DEFAULT 0, INOUT moved bigint DEFAULT 0)
LANGUAGE plpgsql AS $$
DECLARE
  today date := (now() AT TIME ZONE 'UTC')::date;
  parent regclass;
  days date[];
  day date;
  relocated integer := 0;
BEGIN
  FOR parent IN SELECT partitioned_tables() LOOP
    EXECUTE format(
      'SELECT array_agg(DISTINCT (timestamp AT TIME ZONE ''UTC'')::date) FROM %s', default_partition(parent)
    ) INTO days;
    FOR day IN
      SELECT wanted FROM unnest(days || ARRAY(SELECT today + n FROM generate_series(0, ahead) AS n)) AS wanted
      WHERE NOT has_partition(parent, wanted)
      GROUP BY wanted ORDER BY wanted
    LOOP
      moved := moved + ensure_partition(parent, day);
      created := created + 1;
      COMMIT;
    END LOOP;
  END LOOP;
  CALL move_partitions(relocated);
END
$$;
