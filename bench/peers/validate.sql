-- What every contestant must agree on, as one line per dataset. Sums are rounded: the order of additions is the contestant's own.
set TimeZone = 'UTC';

select 'bronze' as dataset, count(*) as n, sum(volume)::bigint as volume, round(sum(price::decimal(18, 2)), 2) as price from read_parquet('${BRONZE}', hive_partitioning = false);

select 'silver' as dataset, count(*) as n, sum(volume)::bigint as volume, round(sum(price::decimal(18, 2)), 2) as price, count(*) filter (is_late) as late, count(distinct symbol) as symbols from read_parquet('${SILVER}', hive_partitioning = false);

select 'quarantine' as dataset, count(*) as n, sum(source_line)::bigint as lines from read_parquet('${QUARANTINE}', hive_partitioning = false);

select 'bars' as dataset, count(*) as n, sum(trades)::bigint as trades, sum(volume)::bigint as volume, round(sum(open), 2) as open, round(sum(close), 2) as close, round(sum(high), 2) as high, round(sum(low), 2) as low, round(sum(vwap), 4) as vwap from read_parquet('${BARS}', hive_partitioning = false);

select 'returns' as dataset, count(*) as n from read_parquet('${RETURNS}', hive_partitioning = false);

select 'risk' as dataset, count(*) as n, round(sum(volatility_5m), 10) as volatility, round(sum(value_at_risk_95), 10) as value_at_risk, max(volatility_status) as status from read_parquet('${RISK}', hive_partitioning = false);

select 'metrics' as dataset, events_total, events_deduped, late_count, round(late_rate, 12) as late_rate, round(duplicate_rate, 12) as duplicate_rate, late_status, duplicate_status from read_parquet('${METRICS}', hive_partitioning = false);
