-- What the API said in each of its sessions: on the role, it takes no statement, for which RDS Proxy would keep a connection
-- to the database for that session alone. Functions of the release before say the same, which changes nothing.
ALTER ROLE app_readonly SET statement_timeout = '5s';
