-- Which refresh token an access token came from, so that no more than a few of one are alive (io.lockgate.postgres.PostgresTokenStore).
-- Gateways of the version before leave the column empty: their access tokens are not counted.

ALTER TABLE tokens ADD COLUMN refresh_id BIGINT;
CREATE INDEX tokens_of_refresh ON tokens (refresh_id, id) WHERE refresh_id IS NOT NULL;
