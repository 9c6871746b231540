-- The pipeline's job as one DuckDB script: staged rows, quarantine with reasons, bronze, gate, silver, gold.
-- Fields whose JSON type matters are read as JSON text and cast here, because the reader's own casts accept "100" as a number
-- and 1.5 as an integer. The lines are read a second time only to recover the raw text of what was refused.
set TimeZone = 'UTC';

-- One row per line, in the order of the file; a line that is no JSON object becomes a row of nulls.
create temp table staged as
select
    event_id,
    symbol as symbol_received,
    upper(trim(symbol)) as symbol,
    case when not starts_with(price, '"') then try_cast(price as double) end as price,
    case when not starts_with(volume, '"') and not contains(volume, '.') then try_cast(volume as bigint) end as volume,
    case when ends_with(ts_event, 'Z') or regexp_matches(ts_event, '[+-]\d\d:\d\d$') then try_cast(ts_event as timestamptz) end as ts_event,
    case when ends_with(ts_ingest, 'Z') or regexp_matches(ts_ingest, '[+-]\d\d:\d\d$') then try_cast(ts_ingest as timestamptz) end as ts_ingest,
    source
from read_ndjson('${INPUT}', ignore_errors = true, columns = {
    event_id: 'VARCHAR', symbol: 'VARCHAR', price: 'JSON', volume: 'JSON', ts_event: 'VARCHAR', ts_ingest: 'VARCHAR', source: 'VARCHAR'});

create temp view valid as
select rowid + 1 as source_line, * from staged
where event_id is not null and symbol is not null and price > 0 and volume >= 0
  and ts_event is not null and ts_ingest is not null and source is not null;

create temp table refused as
select rowid + 1 as source_line from staged
where (event_id is not null and symbol is not null and price > 0 and volume >= 0
  and ts_event is not null and ts_ingest is not null and source is not null) is not true;

create temp table refused_lines as
select * from (
    select row_number() over () as source_line, line
    from read_csv('${INPUT}', columns = {'line': 'VARCHAR'}, header = false, delim = '\x00', quote = '', escape = '',
        auto_detect = false, max_line_size = 1048576)
) where source_line in (select source_line from refused);

copy (
select
    source_line,
    line as raw,
    case when not json_valid(line) then ['malformed_json'] else list_filter([
        case when json_type(line, '$.event_id') is distinct from 'VARCHAR' then 'event_id: missing or not text' end,
        case when json_type(line, '$.symbol') is distinct from 'VARCHAR' then 'symbol: missing or not text' end,
        case when coalesce(json_type(line, '$.price'), 'NULL') not in ('DOUBLE', 'BIGINT', 'UBIGINT') then 'price: missing or not a number'
             when try_cast(line ->> '$.price' as double) <= 0 then 'price: not positive' end,
        case when coalesce(json_type(line, '$.volume'), 'NULL') not in ('BIGINT', 'UBIGINT') then 'volume: missing or not an integer'
             when try_cast(line ->> '$.volume' as bigint) < 0 then 'volume: negative' end,
        case when not regexp_matches(coalesce(line ->> '$.ts_event', ''), '(Z|[+-]\d\d:\d\d)$') then 'ts_event: missing or without an offset'
             when try_cast(line ->> '$.ts_event' as timestamptz) is null then 'ts_event: not a time' end,
        case when not regexp_matches(coalesce(line ->> '$.ts_ingest', ''), '(Z|[+-]\d\d:\d\d)$') then 'ts_ingest: missing or without an offset'
             when try_cast(line ->> '$.ts_ingest' as timestamptz) is null then 'ts_ingest: not a time' end,
        case when json_type(line, '$.source') is distinct from 'VARCHAR' then 'source: missing or not text' end
    ], reason -> reason is not null) end as reasons
from refused_lines order by source_line
) to '${OUT}/quarantine.parquet' (format parquet, compression zstd);

-- A partitioned COPY does not keep the order of rows within a file, so each hour is a statement of its own.
-- for each: select strftime(hour, '%Y') as y, strftime(hour, '%m') as m, strftime(hour, '%d') as d, strftime(hour, '%H') as h, hour::varchar as start from (select distinct to_timestamp(epoch_us(ts_ingest) // 3600000000 * 3600) as hour from valid) order by hour
copy (
    select event_id, symbol_received as symbol, price, volume, ts_event, ts_ingest, source, '${INPUT}' as source_file, source_line
    from valid where ts_ingest >= '${start}'::timestamptz and ts_ingest < '${start}'::timestamptz + interval 1 hour
) to '${OUT}/bronze/year=${y}/month=${m}/day=${d}/hour=${h}.parquet' (format parquet, compression zstd);

-- Few keys come twice, so they are found first and only their rows are looked at again.
create temp table repeats as
with keys as (select event_id, min(source_line) as first_line from valid group by event_id having count(*) > 1)
select
    v.source_line,
    (f.symbol, f.price, f.volume, f.ts_event, f.source) is distinct from (v.symbol, v.price, v.volume, v.ts_event, v.source) as conflict
from keys
join valid v on v.event_id = keys.event_id and v.source_line > keys.first_line
join valid f on f.source_line = keys.first_line;

-- Derived columns stay out of the sort: what it carries is what it costs.
create temp table sorted as
select event_id, symbol, price, volume, ts_event, ts_ingest, source
from valid where source_line not in (select source_line from repeats)
order by symbol, ts_event, event_id;

create temp view silver as
select
    *,
    make_timestamptz(epoch_us(ts_event) // 300000000 * 300000000) as window_start,
    epoch_us(ts_ingest) - epoch_us(ts_event) > 300000000 as is_late
from sorted;

create temp table metrics as
select
    '${RUN_ID}' as run_id, ts_run, events_total, events_deduped, late_count,
    late_count / events_deduped as late_rate,
    1 - events_deduped / events_total as duplicate_rate,
    if(late_rate > 0.02, 'critical', 'ok') as late_status,
    if(duplicate_rate > 0.01, 'critical', 'ok') as duplicate_status,
    'v1' as contract_version
from (select max(ts_ingest) as ts_run, count(*) as events_deduped, count(*) filter (is_late) as late_count from silver),
    (select count(*) as events_total from valid);

copy metrics to '${OUT}/data_quality_metrics.parquet' (format parquet, compression zstd);

-- The gate: a breach ends the script before anything below is written.
create temp table gate as
select if(late_status = 'ok' and duplicate_status = 'ok', true, error('the quality gate blocked the run')) as passed from metrics;

-- for each: select strftime(hour, '%Y') as y, strftime(hour, '%m') as m, strftime(hour, '%d') as d, strftime(hour, '%H') as h, hour::varchar as start from (select distinct to_timestamp(epoch_us(ts_ingest) // 3600000000 * 3600) as hour from silver) order by hour
copy (
    from silver where ts_ingest >= '${start}'::timestamptz and ts_ingest < '${start}'::timestamptz + interval 1 hour
) to '${OUT}/silver/year=${y}/month=${m}/day=${d}/hour=${h}.parquet' (format parquet, compression zstd);

-- The sorted rows' numbers stand for their order: first and last need no sort (the aggregates of these names follow no order when
-- several threads group), nor does the row before.
copy (
    select
        '${RUN_ID}' as run_id, symbol, make_timestamptz(epoch_us(ts_event) // 300000000 * 300000000) as window_start,
        arg_min(price, rowid) as open, max(price) as high, min(price) as low, arg_max(price, rowid) as close,
        sum(price * volume) / sum(volume) as vwap, sum(volume)::bigint as volume, count(*) as trades
    from sorted group by symbol, window_start order by symbol, window_start
) to '${OUT}/market_bars.parquet' (format parquet, compression zstd);

create temp table steps as
select
    symbol, ts_event, event_id,
    case when symbol = lag(symbol) over () then price / lag(price) over () - 1 end as return
from silver;

copy (
    select '${RUN_ID}' as run_id, symbol, ts_event, event_id, return from steps where return is not null
) to '${OUT}/returns.parquet' (format parquet, compression zstd);

copy (
    with last_rows as (select symbol, max(rowid) as last_row from steps group by symbol),
    latest as (
        select s.symbol, case when count(s.return) = 5 then stddev_samp(s.return) end as volatility_5m
        from last_rows l join steps s on s.rowid > l.last_row - 5 and s.rowid <= l.last_row and s.symbol = l.symbol group by s.symbol
    ),
    tail as (select symbol, quantile_cont(return, 0.05) as value_at_risk_95, count(return) as observations from steps group by symbol)
    select
        symbol, volatility_5m, value_at_risk_95,
        case when volatility_5m is null then 'no_data' when volatility_5m >= 0.07 then 'critical' when volatility_5m >= 0.03 then 'warn' else 'ok' end
            as volatility_status,
        observations, '${RUN_ID}' as run_id, (select ts_run from metrics) as ts_run
    from tail left join latest using (symbol) order by symbol
) to '${OUT}/risk_summary.parquet' (format parquet, compression zstd);
