-- The database takes 200 connections (lib/database-instance.ts), and each instance of the API holds one: however many
-- of them run, the bar-writer and the owner still get theirs.
ALTER ROLE app_readonly CONNECTION LIMIT 150;
