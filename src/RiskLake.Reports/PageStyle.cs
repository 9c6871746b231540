namespace RiskLake.Reports;

/// <summary>The style sheet of a report: light, dark, narrow and printed.</summary>
internal static class PageStyle
{
    public const string Sheet = """

        :root{color-scheme:light dark;--paper:#fcfbf8;--panel:#f4f2ec;--ink:#1b1d22;--soft:#5d6068;--rule:#dedad0;--hair:#ebe8e0;
        --bar:#b4b8c1;--one:#1f5f99;--two:#c05a1c;--three:#2f7d5b;--four:#7a4f9a;--bad:#b3261e;--warn:#8a5a00;--good:#2c6e49;--wash:#1f5f9918}
        @media (prefers-color-scheme:dark){:root{--paper:#14161a;--panel:#1c1f25;--ink:#e9e7e1;--soft:#a0a4ad;--rule:#343842;--hair:#262a32;
        --bar:#5a606c;--one:#74b3ec;--two:#f0a063;--three:#6cc79c;--four:#c29be0;--bad:#ff8a80;--warn:#e9bd63;--good:#7fcf9f;--wash:#74b3ec22}}
        *{box-sizing:border-box}
        html{-webkit-text-size-adjust:100%;text-size-adjust:100%}
        body{margin:0;background:var(--paper);color:var(--ink);
        font:15px/1.5 ui-sans-serif,system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue","Noto Sans","Liberation Sans",Arial,sans-serif;
        font-variant-numeric:tabular-nums lining-nums}
        main,header,footer{max-width:1160px;margin:0 auto;padding:0 28px}
        header{padding-top:40px}
        h1,h2,h3{font-family:Charter,"Bitstream Charter","Iowan Old Style","Source Serif 4","Noto Serif",Georgia,"Liberation Serif",serif;
        font-weight:600;line-height:1.15;letter-spacing:-.01em;text-wrap:balance}
        h1{font-size:38px;margin:.1em 0 .2em;overflow-wrap:anywhere}
        h2{font-size:23px;margin:52px 0 6px;padding-top:14px;border-top:2px solid var(--ink)}
        h3{font-size:16px;margin:26px 0 8px}
        p{max-width:76ch;margin:.4em 0 .8em}
        .eyebrow{font-size:12px;letter-spacing:.14em;text-transform:uppercase;color:var(--soft);margin:0}
        .lede{font-size:17px;color:var(--soft);max-width:80ch;margin:0 0 18px;overflow-wrap:anywhere}
        .note{color:var(--soft);font-size:13.5px}
        dl.facts{display:grid;grid-template-columns:repeat(auto-fill,minmax(250px,1fr));gap:0 28px;margin:0 0 26px;font-size:13.5px}
        dl.facts div{display:flex;gap:12px;justify-content:space-between;border-top:1px solid var(--rule);padding:6px 0;min-width:0}
        dl.facts dt{color:var(--soft);white-space:nowrap}
        dl.facts dd{margin:0;text-align:right;overflow-wrap:anywhere;min-width:0}
        .tiles{display:grid;grid-template-columns:repeat(5,1fr);gap:1px;background:var(--rule);border:1px solid var(--rule);margin:8px 0 22px}
        .tiles div{background:var(--paper);padding:14px 16px 12px;min-width:0}
        .tiles h3{font-family:inherit;font-size:12.5px;line-height:1.3;letter-spacing:0;color:var(--soft);margin:0}
        .tiles p{margin:0}
        .tiles .figure{font-size:27px;line-height:1.25;font-weight:600;letter-spacing:-.02em;margin:5px 0 2px;white-space:nowrap}
        .tiles .figure.word{font-size:15px;letter-spacing:0;white-space:normal;color:var(--soft);line-height:1.35;min-height:34px}
        .tiles .under{font-size:12.5px;color:var(--soft);line-height:1.4}
        ul.reading{padding:0;margin:0;list-style:none;max-width:92ch}
        ul.reading li{padding:7px 0 7px 26px;position:relative;border-top:1px solid var(--hair)}
        ul.reading li:first-child{border-top:0}
        .sign{position:absolute;left:0;font-weight:700}
        .good{color:var(--good)}.warn{color:var(--warn)}.bad{color:var(--bad)}.soft{color:var(--soft)}
        figure{margin:16px 0 26px;min-width:0}
        figcaption{font-size:13.5px;color:var(--soft);margin:2px 0 6px;max-width:90ch}
        figcaption b{color:var(--ink);font-weight:600}
        .pair{display:grid;grid-template-columns:1fr 1fr;gap:0 34px}
        .pair>*{min-width:0}
        .chart{overflow-x:auto}
        svg.plot{display:block;width:100%;height:auto}
        .wide svg.plot{min-width:880px}
        svg text{font:12px ui-sans-serif,system-ui,"Segoe UI",Roboto,"Noto Sans","Liberation Sans",Arial,sans-serif;fill:var(--soft);
        font-variant-numeric:tabular-nums}
        svg .heading{fill:var(--ink);font-weight:600}
        svg .end{text-anchor:end}svg .mid{text-anchor:middle}
        svg path{fill:none}
        svg .grid{stroke:var(--hair);stroke-width:1}svg .axis{stroke:var(--soft);stroke-width:1}
        svg .bars{stroke:var(--bar);stroke-width:1}
        svg .one{stroke:var(--one);stroke-width:1.6}svg .two{stroke:var(--two);stroke-width:1.6}
        svg .three{stroke:var(--three);stroke-width:1.6}svg .four{stroke:var(--four);stroke-width:1.6}
        svg .dash{stroke-dasharray:5 3}svg .thin{stroke-width:1}
        svg .wash{fill:var(--wash);stroke:var(--one);stroke-width:1}
        svg .alarm{stroke:var(--bad);stroke-width:1.2;stroke-dasharray:2 3}
        svg .hit{stroke:var(--bad);stroke-width:1.4;fill:var(--paper)}
        svg .sample{fill:var(--ink);stroke:none;opacity:.62}
        svg .whisker{stroke-width:5;opacity:.3}
        svg .dot.one,svg .dot.two,svg .dot.three{stroke:var(--paper);stroke-width:1}
        svg .dot.one{fill:var(--one)}svg .dot.two{fill:var(--two)}svg .dot.three{fill:var(--three)}
        .scroll{overflow-x:auto;margin:6px 0 18px}
        table{border-collapse:collapse;font-size:13.5px;width:100%;line-height:1.35}
        caption{text-align:left;font-weight:600;padding:4px 0 6px}
        th,td{padding:5px 10px;text-align:left;vertical-align:baseline;border-bottom:1px solid var(--hair)}
        th:first-child,td:first-child{padding-left:0}
        thead th{font-weight:600;color:var(--soft);border-bottom:1px solid var(--ink);vertical-align:bottom}
        td.num,th.num{text-align:right;white-space:nowrap}
        tbody th{font-weight:500}
        td small,th small{display:block;color:var(--soft);font-size:12px;font-weight:400}
        td.none{color:var(--soft);font-style:italic}
        tr.first td,tr.first th{border-top:1px solid var(--rule)}
        details{margin:2px 0 10px}
        summary{cursor:pointer;color:var(--soft);font-size:13px;padding:3px 0}
        summary:focus-visible,.chart:focus-visible,.scroll:focus-visible{outline:2px solid var(--one);outline-offset:2px}
        code{font-family:ui-monospace,"SFMono-Regular",Menlo,Consolas,"Liberation Mono",monospace;font-size:.92em;overflow-wrap:anywhere}
        footer{margin-top:56px;padding-bottom:48px;color:var(--soft);font-size:13px}
        footer div{border-top:2px solid var(--ink);padding-top:14px}
        footer p{max-width:100ch}
        @media (max-width:860px){.tiles{grid-template-columns:repeat(2,1fr)}.tiles div:last-child:nth-child(odd){grid-column:span 2}
        .pair{grid-template-columns:1fr}}
        @media (max-width:560px){main,header,footer{padding-left:16px;padding-right:16px}header{padding-top:24px}
        h1{font-size:29px}h2{font-size:20px;margin-top:38px}
        .tiles .figure{font-size:22px}.tiles div{padding:11px 12px}.lede{font-size:15.5px}}
        @media print{@page{size:A4;margin:14mm 13mm}
        :root{color-scheme:light;--paper:#fff;--panel:#f6f6f6;--ink:#000;--soft:#444;--rule:#bbb;--hair:#ddd;--bar:#aaa;--one:#1f5f99;--two:#b04f14;
        --three:#2c6e49;--four:#6a3f8a;--bad:#a3150d;--warn:#6f4700;--good:#205a39;--wash:#1f5f9918}
        body{font-size:10.5pt}main,header,footer{max-width:none;padding-left:0;padding-right:0}header{padding-top:0}
        h2{margin-top:22px;break-after:avoid}h3{break-after:avoid}
        figure,tr,.tiles,ul.reading li{break-inside:avoid}details{display:none}.wide svg.plot{min-width:0}.chart,.scroll{overflow:visible}
        table{font-size:9pt}th,td{padding:3px 7px}.tiles{grid-template-columns:repeat(5,1fr)}.tiles .figure{font-size:15pt}.pair{grid-template-columns:1fr 1fr}}

        """;
}
