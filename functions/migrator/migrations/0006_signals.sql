-- What a revision of a bar takes back stays, and is marked: readers leave it out.
ALTER TABLE intraday_patterns ADD COLUMN withdrawn boolean NOT NULL DEFAULT false;

-- TA-Lib's own measure: 80 or 100.
ALTER TABLE intraday_patterns ALTER COLUMN strength TYPE smallint USING strength::smallint;
ALTER TABLE intraday_patterns
  ADD CONSTRAINT intraday_patterns_direction CHECK (direction IN ('bullish', 'bearish', 'neutral')),
  ADD CONSTRAINT intraday_patterns_strength CHECK (strength IN (80, 100));
