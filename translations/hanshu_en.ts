<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="en" sourcelanguage="en">
<context>
    <name>Connection</name>
    <message numerus="yes">
        <source>Reconnecting in %n s</source>
        <translation>
            <numerusform>Reconnecting in %n s</numerusform>
        <numerusform>Reconnecting in %n s</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n running</source>
        <translation>
            <numerusform>%n running</numerusform>
        <numerusform>%n running</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n instance(s)</source>
        <translation>
            <numerusform>%n instance</numerusform>
        <numerusform>%n instances</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n event(s) waiting</source>
        <translation>
            <numerusform>%n event waiting</numerusform>
        <numerusform>%n events waiting</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>Format</name>
    <message numerus="yes">
        <source>%n byte(s)</source>
        <translation>
            <numerusform>%n byte</numerusform>
        <numerusform>%n bytes</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n min ago</source>
        <translation>
            <numerusform>%n min ago</numerusform>
        <numerusform>%n min ago</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n h ago</source>
        <translation>
            <numerusform>%n h ago</numerusform>
        <numerusform>%n h ago</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n day(s) ago</source>
        <translation>
            <numerusform>%n day ago</numerusform>
        <numerusform>%n days ago</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>hanshu::logs::LogView</name>
    <message numerus="yes">
        <source>%n new line(s)</source>
        <translation>
            <numerusform>%n new line</numerusform>
        <numerusform>%n new lines</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>hanshu::pages::DeployDialog</name>
    <message numerus="yes">
        <source>%n file(s) from %1</source>
        <translation>
            <numerusform>%n file from %1</numerusform>
        <numerusform>%n files from %1</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>hanshu::pages::DeployFlow</name>
    <message numerus="yes">
        <source>Packing %n file(s)…</source>
        <translation>
            <numerusform>Packing %n file…</numerusform>
        <numerusform>Packing %n files…</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>hanshu::pages::FunctionsPage</name>
    <message numerus="yes">
        <source>%n function(s)</source>
        <translation>
            <numerusform>%n function</numerusform>
        <numerusform>%n functions</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%1 of %n function(s)</source>
        <translation>
            <numerusform>%1 of %n function</numerusform>
        <numerusform>%1 of %n functions</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>hanshu::pages::InvocationsPage</name>
    <message numerus="yes">
        <source>%n run(s)</source>
        <translation>
            <numerusform>%n run</numerusform>
        <numerusform>%n runs</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%1 of %n run(s)</source>
        <translation>
            <numerusform>%1 of %n run</numerusform>
        <numerusform>%1 of %n runs</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n run(s) are missing from this list: they came faster than the console could take them. The runtime has them.</source>
        <translation>
            <numerusform>%n run is missing from this list: it came faster than the console could take it. The runtime has it.</numerusform>
        <numerusform>%n runs are missing from this list: they came faster than the console could take them. The runtime has them.</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>hanshu::pages::LogsPage</name>
    <message numerus="yes">
        <source>%n line(s)</source>
        <translation>
            <numerusform>%n line</numerusform>
        <numerusform>%n lines</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%1 of %n line(s)</source>
        <translation>
            <numerusform>%1 of %n line</numerusform>
        <numerusform>%1 of %n lines</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n line(s) came faster than the console could take them and are not shown. The runtime has them.</source>
        <translation>
            <numerusform>%n line came faster than the console could take it and is not shown. The runtime has it.</numerusform>
        <numerusform>%n lines came faster than the console could take them and are not shown. The runtime has them.</numerusform>
        </translation>
    </message>
</context>
</TS>
