-- app_readwrite: rows in, rows out, no DDL. app_readonly: SELECT, nothing else. PUBLIC: nothing.
-- Roles belong to the whole server: another database of it may have made them already.
DO $$
DECLARE
  role text;
BEGIN
  FOREACH role IN ARRAY ARRAY['app_readwrite', 'app_readonly'] LOOP
    BEGIN
      EXECUTE format('CREATE ROLE %I LOGIN', role);
    EXCEPTION WHEN duplicate_object OR unique_violation THEN
      RAISE NOTICE 'role % is there', role;
    END;
  END LOOP;

  EXECUTE format('REVOKE ALL ON DATABASE %I FROM PUBLIC', current_database());
  EXECUTE format('GRANT CONNECT ON DATABASE %I TO app_readwrite, app_readonly', current_database());
END
$$;

ALTER ROLE app_readwrite SET statement_timeout = '30s';
ALTER ROLE app_readwrite SET idle_in_transaction_session_timeout = '60s';
ALTER ROLE app_readonly SET default_transaction_read_only = on;
ALTER ROLE app_readonly SET statement_timeout = '15s';
ALTER ROLE app_readonly SET idle_in_transaction_session_timeout = '60s';

REVOKE ALL ON SCHEMA public FROM PUBLIC;
GRANT USAGE ON SCHEMA public TO app_readwrite, app_readonly;

-- Covers every table that the owner makes later, partitions included.
ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO app_readwrite;
ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT USAGE ON SEQUENCES TO app_readwrite;
ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT ON TABLES TO app_readonly;
-- Not IN SCHEMA: what PUBLIC gets by default can only be taken away for all schemas at once.
ALTER DEFAULT PRIVILEGES REVOKE EXECUTE ON ROUTINES FROM PUBLIC;
