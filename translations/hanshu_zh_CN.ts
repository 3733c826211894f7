<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="zh_CN" sourcelanguage="en">
<context>
    <name>Connection</name>
    <message>
        <source>offline since %1</source>
        <translation>自 %1 起离线</translation>
    </message>
    <message>
        <source>never reached</source>
        <translation>从未连上</translation>
    </message>
    <message>
        <source>Starting the runtime…</source>
        <translation>正在启动运行时…</translation>
    </message>
    <message>
        <source>Connecting to %1…</source>
        <translation>正在连接 %1…</translation>
    </message>
    <message>
        <source>Connected to %1</source>
        <translation>已连接 %1</translation>
    </message>
    <message numerus="yes">
        <source>Reconnecting in %n s</source>
        <translation>
            <numerusform>%n 秒后重连</numerusform>
        </translation>
    </message>
    <message>
        <source>Reconnecting…</source>
        <translation>正在重连…</translation>
    </message>
    <message>
        <source>Offline since %1</source>
        <translation>自 %1 起离线</translation>
    </message>
    <message>
        <source>Offline</source>
        <translation>离线</translation>
    </message>
    <message numerus="yes">
        <source>%n running</source>
        <translation>
            <numerusform>%n 个运行中</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n instance(s)</source>
        <translation>
            <numerusform>%n 个实例</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n event(s) waiting</source>
        <translation>
            <numerusform>%n 个事件等待中</numerusform>
        </translation>
    </message>
    <message>
        <source>The connection to the runtime. Press to try again now.</source>
        <translation>与运行时的连接。按下可立即重试。</translation>
    </message>
    <message>
        <source>Connection</source>
        <translation>连接</translation>
    </message>
</context>
<context>
    <name>ErrorTexts</name>
    <message>
        <source>The function is gone.</source>
        <translation>该函数已不存在。</translation>
    </message>
    <message>
        <source>Somebody may have deleted it meanwhile.</source>
        <translation>可能在此期间已被他人删除。</translation>
    </message>
    <message>
        <source>A function of this name is already there.</source>
        <translation>已存在同名函数。</translation>
    </message>
    <message>
        <source>Choose another name, or update that one.</source>
        <translation>请换一个名称，或更新该函数。</translation>
    </message>
    <message>
        <source>The function still has triggers.</source>
        <translation>该函数仍有触发器。</translation>
    </message>
    <message>
        <source>Delete them first.</source>
        <translation>请先删除触发器。</translation>
    </message>
    <message>
        <source>Somebody else changed this meanwhile.</source>
        <translation>在此期间已被他人修改。</translation>
    </message>
    <message>
        <source>Look at the new state, then try again.</source>
        <translation>请查看最新状态后重试。</translation>
    </message>
    <message>
        <source>Another program is using this state directory.</source>
        <translation>另一个程序正在使用该状态目录。</translation>
    </message>
    <message>
        <source>Stop it, or connect to it with --server instead of --local.</source>
        <translation>请停止该程序，或改用 --server 连接它而不是 --local。</translation>
    </message>
    <message>
        <source>Check its permissions.</source>
        <translation>请检查其权限。</translation>
    </message>
    <message>
        <source>Replace it with the file itself, or name it in .fcignore.</source>
        <translation>请用文件本身替换它，或将其写入 .fcignore。</translation>
    </message>
    <message>
        <source>Remove it, or name it in .fcignore.</source>
        <translation>请移除它，或将其写入 .fcignore。</translation>
    </message>
    <message>
        <source>Put the function&apos;s code into it first.</source>
        <translation>请先放入函数代码。</translation>
    </message>
    <message>
        <source>Name what the function does not need in .fcignore.</source>
        <translation>请将函数不需要的文件写入 .fcignore。</translation>
    </message>
    <message>
        <source>Make room there.</source>
        <translation>请在该处腾出空间。</translation>
    </message>
    <message>
        <source>Rename it.</source>
        <translation>请重命名。</translation>
    </message>
    <message>
        <source>The runtime inside the console could not be prepared.</source>
        <translation>无法准备控制台内置的运行时。</translation>
    </message>
    <message>
        <source>Cancelled.</source>
        <translation>已取消。</translation>
    </message>
    <message>
        <source>The runtime refused a value.</source>
        <translation>运行时拒绝了一个值。</translation>
    </message>
    <message>
        <source>The runtime did not answer in time.</source>
        <translation>运行时未及时应答。</translation>
    </message>
    <message>
        <source>Try again; if that keeps happening, look at its load.</source>
        <translation>请重试；若持续出现，请查看其负载。</translation>
    </message>
    <message>
        <source>What was asked for does not exist.</source>
        <translation>请求的对象不存在。</translation>
    </message>
    <message>
        <source>Something of this name is already there.</source>
        <translation>已存在同名对象。</translation>
    </message>
    <message>
        <source>This is not allowed to the key that the console uses.</source>
        <translation>控制台所用的密钥无权执行此操作。</translation>
    </message>
    <message>
        <source>Ask the account&apos;s owner for a grant.</source>
        <translation>请向账号所有者申请授权。</translation>
    </message>
    <message>
        <source>The runtime does not accept the credentials.</source>
        <translation>运行时不接受该凭证。</translation>
    </message>
    <message>
        <source>Check the file given with --credentials, and this machine&apos;s clock.</source>
        <translation>请检查 --credentials 指定的文件以及本机时钟。</translation>
    </message>
    <message>
        <source>A limit is reached.</source>
        <translation>已达到限制。</translation>
    </message>
    <message>
        <source>Wait for what runs to end, or raise the limit.</source>
        <translation>请等待运行中的调用结束，或提高限制。</translation>
    </message>
    <message>
        <source>The runtime does not know this operation.</source>
        <translation>运行时不支持此操作。</translation>
    </message>
    <message>
        <source>Its version may be older than the console&apos;s.</source>
        <translation>其版本可能比控制台旧。</translation>
    </message>
    <message>
        <source>The runtime can&apos;t be reached.</source>
        <translation>无法连接运行时。</translation>
    </message>
    <message>
        <source>Something went wrong in the runtime.</source>
        <translation>运行时内部出错。</translation>
    </message>
    <message>
        <source>Its log tells more.</source>
        <translation>详情见其日志。</translation>
    </message>
    <message>
        <source>The function is switched off: calls are refused, and events wait.</source>
        <translation>该函数已停用：调用会被拒绝，事件会等待。</translation>
    </message>
    <message>
        <source>Switch it on again: hanshu function enable {function}</source>
        <translation>请重新启用：hanshu function enable {function}</translation>
    </message>
    <message>
        <source>The dead letter is gone.</source>
        <translation>该死信已不存在。</translation>
    </message>
    <message>
        <source>It may have been run again or removed meanwhile; look at the list again.</source>
        <translation>可能在此期间已重新运行或被删除；请重新查看列表。</translation>
    </message>
    <message>
        <source>“{path}” can&apos;t be read: {detail}</source>
        <translation>无法读取“{path}”：{detail}</translation>
    </message>
    <message>
        <source>“{path}” is a link that leads out of the folder.</source>
        <translation>“{path}”是指向文件夹之外的链接。</translation>
    </message>
    <message>
        <source>“{path}” is neither a file nor a folder.</source>
        <translation>“{path}”既不是文件也不是文件夹。</translation>
    </message>
    <message>
        <source>There is nothing to deploy in “{path}”.</source>
        <translation>“{path}”中没有可部署的内容。</translation>
    </message>
    <message>
        <source>“{path}” is neither a folder nor a zip file.</source>
        <translation>“{path}”既不是文件夹也不是 zip 文件。</translation>
    </message>
    <message>
        <source>The folder has more than {limit} entries.</source>
        <translation>该文件夹的条目数超过 {limit}。</translation>
    </message>
    <message>
        <source>The package can&apos;t be written to “{folder}”: {detail}</source>
        <translation>无法将代码包写入“{folder}”：{detail}</translation>
    </message>
    <message>
        <source>A file name is not UTF-8: {path}</source>
        <translation>文件名不是 UTF-8：{path}</translation>
    </message>
</context>
<context>
    <name>Format</name>
    <message numerus="yes">
        <source>%n byte(s)</source>
        <translation>
            <numerusform>%n 字节</numerusform>
        </translation>
    </message>
    <message>
        <source>0 ms</source>
        <translation>0 毫秒</translation>
    </message>
    <message>
        <source>%1 µs</source>
        <translation>%1 微秒</translation>
    </message>
    <message>
        <source>%1 ms</source>
        <translation>%1 毫秒</translation>
    </message>
    <message>
        <source>%1 s</source>
        <translation>%1 秒</translation>
    </message>
    <message>
        <source>%1 min %2 s</source>
        <translation>%1 分 %2 秒</translation>
    </message>
    <message>
        <source>%1 h %2 min</source>
        <translation>%1 小时 %2 分</translation>
    </message>
    <message>
        <source>%1 MB</source>
        <translation>%1 MB</translation>
    </message>
    <message>
        <source>%1 GB-s</source>
        <translation>%1 GB-秒</translation>
    </message>
    <message>
        <source>just now</source>
        <translation>刚刚</translation>
    </message>
    <message numerus="yes">
        <source>%n min ago</source>
        <translation>
            <numerusform>%n 分钟前</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n h ago</source>
        <translation>
            <numerusform>%n 小时前</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n day(s) ago</source>
        <translation>
            <numerusform>%n 天前</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>RunText</name>
    <message>
        <source>Succeeded</source>
        <translation>成功</translation>
    </message>
    <message>
        <source>Function error</source>
        <translation>函数错误</translation>
    </message>
    <message>
        <source>Timed out</source>
        <translation>超时</translation>
    </message>
    <message>
        <source>Out of memory</source>
        <translation>内存不足</translation>
    </message>
    <message>
        <source>Exited</source>
        <translation>异常退出</translation>
    </message>
    <message>
        <source>Throttled</source>
        <translation>被限流</translation>
    </message>
    <message>
        <source>Denied</source>
        <translation>被拒绝</translation>
    </message>
    <message>
        <source>Disabled</source>
        <translation>已停用</translation>
    </message>
    <message>
        <source>Platform error</source>
        <translation>平台错误</translation>
    </message>
    <message>
        <source>Cancelled</source>
        <translation>已取消</translation>
    </message>
    <message>
        <source>API</source>
        <translation>API</translation>
    </message>
    <message>
        <source>HTTP</source>
        <translation>HTTP</translation>
    </message>
    <message>
        <source>Timer</source>
        <translation>定时</translation>
    </message>
    <message>
        <source>Object upload</source>
        <translation>对象上传</translation>
    </message>
    <message>
        <source>Async call</source>
        <translation>异步调用</translation>
    </message>
    <message>
        <source>Cold</source>
        <translation>冷启动</translation>
    </message>
    <message>
        <source>Warm</source>
        <translation>热启动</translation>
    </message>
    <message>
        <source>Queue</source>
        <translation>排队</translation>
    </message>
    <message>
        <source>Schedule</source>
        <translation>调度</translation>
    </message>
    <message>
        <source>Sandbox start</source>
        <translation>沙箱启动</translation>
    </message>
    <message>
        <source>Init</source>
        <translation>初始化</translation>
    </message>
    <message>
        <source>Run</source>
        <translation>运行</translation>
    </message>
</context>
<context>
    <name>hanshu::feedback::Banner</name>
    <message>
        <source>Dismiss</source>
        <translation>关闭</translation>
    </message>
    <message>
        <source>Progress</source>
        <translation>进度</translation>
    </message>
</context>
<context>
    <name>hanshu::filter::FilterField</name>
    <message>
        <source>Filter  ( / )</source>
        <translation>筛选  ( / )</translation>
    </message>
    <message>
        <source>Filter</source>
        <translation>筛选</translation>
    </message>
    <message>
        <source>Shows only rows in which every word occurs. Put words that belong together in quotes.</source>
        <translation>只显示包含所有词的行。连在一起的词请用引号括起来。</translation>
    </message>
</context>
<context>
    <name>hanshu::logs::LogView</name>
    <message>
        <source>Follow</source>
        <translation>跟随</translation>
    </message>
    <message numerus="yes">
        <source>%n new line(s)</source>
        <translation>
            <numerusform>%n 行新日志</numerusform>
        </translation>
    </message>
    <message>
        <source>Log lines</source>
        <translation>日志行</translation>
    </message>
    <message>
        <source>Copy lines</source>
        <translation>复制所选行</translation>
    </message>
    <message>
        <source>Go to the newest line and stay there (End)</source>
        <translation>转到最新一行并保持跟随 (End)</translation>
    </message>
    <message>
        <source>Follow the log</source>
        <translation>跟随日志</translation>
    </message>
</context>
<context>
    <name>hanshu::pages::DeployDialog</name>
    <message>
        <source>Use letters, digits, “-” and “_”, a letter first, at most 64.</source>
        <translation>仅可使用字母、数字、“-”和“_”，以字母开头，最多 64 个字符。</translation>
    </message>
    <message>
        <source>A function of this name is there: it gets this code and these settings.</source>
        <translation>已存在同名函数：将更新为此代码和这些设置。</translation>
    </message>
    <message>
        <source>A new function.</source>
        <translation>新建函数。</translation>
    </message>
    <message>
        <source>Update</source>
        <translation>更新</translation>
    </message>
    <message>
        <source>Deploy</source>
        <translation>部署</translation>
    </message>
    <message>
        <source>Deploy a function</source>
        <translation>部署函数</translation>
    </message>
    <message numerus="yes">
        <source>%n file(s) from %1</source>
        <translation>
            <numerusform>%n 个文件，来自 %1</numerusform>
        </translation>
    </message>
    <message>
        <source>&amp;Name</source>
        <translation>名称(&amp;N)</translation>
    </message>
    <message>
        <source>&amp;Runtime</source>
        <translation>运行环境(&amp;R)</translation>
    </message>
    <message>
        <source>&amp;Handler</source>
        <translation>请求处理程序(&amp;H)</translation>
    </message>
    <message>
        <source>&amp;Memory</source>
        <translation>内存(&amp;M)</translation>
    </message>
    <message>
        <source>&amp;Timeout</source>
        <translation>超时时间(&amp;T)</translation>
    </message>
    <message>
        <source>Name</source>
        <translation>名称</translation>
    </message>
    <message>
        <source>Runtime</source>
        <translation>运行环境</translation>
    </message>
    <message>
        <source>Handler</source>
        <translation>请求处理程序</translation>
    </message>
    <message>
        <source>Module and function, for instance index.handler</source>
        <translation>模块名与函数名，例如 index.handler</translation>
    </message>
    <message>
        <source>Memory</source>
        <translation>内存</translation>
    </message>
    <message>
        <source> MB</source>
        <translation> MB</translation>
    </message>
    <message>
        <source>Timeout</source>
        <translation>超时时间</translation>
    </message>
    <message>
        <source> s</source>
        <translation> 秒</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>取消</translation>
    </message>
</context>
<context>
    <name>hanshu::pages::DeployFlow</name>
    <message>
        <source>Cancel</source>
        <translation>取消</translation>
    </message>
    <message>
        <source>Try again</source>
        <translation>重试</translation>
    </message>
    <message>
        <source>One deployment is under way. Wait for it, or cancel it.</source>
        <translation>正在进行另一次部署。请等待其完成，或将其取消。</translation>
    </message>
    <message>
        <source>Reading %1…</source>
        <translation>正在读取 %1…</translation>
    </message>
    <message numerus="yes">
        <source>Packing %n file(s)…</source>
        <translation>
            <numerusform>正在打包 %n 个文件…</numerusform>
        </translation>
    </message>
    <message>
        <source>Uploading %1…</source>
        <translation>正在上传 %1…</translation>
    </message>
    <message>
        <source>%1 is updated.</source>
        <translation>%1 已更新。</translation>
    </message>
    <message>
        <source>%1 is deployed.</source>
        <translation>%1 已部署。</translation>
    </message>
    <message>
        <source>Nothing was deployed. %1</source>
        <translation>未部署任何内容。%1</translation>
    </message>
</context>
<context>
    <name>hanshu::pages::FunctionDetail</name>
    <message>
        <source>Active</source>
        <translation>可用</translation>
    </message>
    <message>
        <source>%1 at %2</source>
        <translation>%1 挂载于 %2</translation>
    </message>
    <message>
        <source>Runtime</source>
        <translation>运行环境</translation>
    </message>
    <message>
        <source>Handler</source>
        <translation>请求处理程序</translation>
    </message>
    <message>
        <source>Memory</source>
        <translation>内存</translation>
    </message>
    <message>
        <source>Disk</source>
        <translation>磁盘</translation>
    </message>
    <message>
        <source>vCPU</source>
        <translation>vCPU</translation>
    </message>
    <message>
        <source>Timeout</source>
        <translation>超时时间</translation>
    </message>
    <message>
        <source>Requests an instance</source>
        <translation>单实例并发度</translation>
    </message>
    <message>
        <source>Role</source>
        <translation>角色</translation>
    </message>
    <message>
        <source>none: the code has no credentials</source>
        <translation>无：代码没有凭证</translation>
    </message>
    <message>
        <source>Environment</source>
        <translation>环境变量</translation>
    </message>
    <message>
        <source>Bucket mounts</source>
        <translation>存储桶挂载</translation>
    </message>
    <message>
        <source>Code size</source>
        <translation>代码大小</translation>
    </message>
    <message>
        <source>Code checksum</source>
        <translation>代码校验值</translation>
    </message>
    <message>
        <source>Created</source>
        <translation>创建时间</translation>
    </message>
    <message>
        <source>Changed</source>
        <translation>修改时间</translation>
    </message>
    <message>
        <source>ARN</source>
        <translation>ARN</translation>
    </message>
    <message>
        <source>Test</source>
        <translation>测试</translation>
    </message>
    <message>
        <source>Configuration</source>
        <translation>配置</translation>
    </message>
    <message>
        <source>Parts of the function</source>
        <translation>函数的各部分</translation>
    </message>
    <message>
        <source>Update code…</source>
        <translation>更新代码…</translation>
    </message>
    <message>
        <source>Deploys a folder or zip as the new code of this function</source>
        <translation>将文件夹或 zip 部署为该函数的新代码</translation>
    </message>
    <message>
        <source>Runs</source>
        <translation>调用</translation>
    </message>
    <message>
        <source>The runs of this function</source>
        <translation>该函数的调用记录</translation>
    </message>
    <message>
        <source>Logs</source>
        <translation>日志</translation>
    </message>
    <message>
        <source>The log of this function, live</source>
        <translation>该函数的实时日志</translation>
    </message>
    <message>
        <source>Delete…</source>
        <translation>删除…</translation>
    </message>
    <message>
        <source>Deletes the function and its code</source>
        <translation>删除函数及其代码</translation>
    </message>
</context>
<context>
    <name>hanshu::pages::FunctionModel</name>
    <message>
        <source>Name</source>
        <translation>名称</translation>
    </message>
    <message>
        <source>The function&apos;s name</source>
        <translation>函数名称</translation>
    </message>
    <message>
        <source>Last run</source>
        <translation>最近调用</translation>
    </message>
    <message>
        <source>How the newest known run ended</source>
        <translation>最近一次调用的结果</translation>
    </message>
    <message>
        <source>Ran</source>
        <translation>调用时间</translation>
    </message>
    <message>
        <source>When the newest known run arrived</source>
        <translation>最近一次调用到达的时间</translation>
    </message>
    <message>
        <source>Runtime</source>
        <translation>运行环境</translation>
    </message>
    <message>
        <source>What runs the code</source>
        <translation>运行代码的环境</translation>
    </message>
    <message>
        <source>Memory</source>
        <translation>内存</translation>
    </message>
    <message>
        <source>The most memory that an instance may use</source>
        <translation>实例可使用的最大内存</translation>
    </message>
    <message>
        <source>Timeout</source>
        <translation>超时时间</translation>
    </message>
    <message>
        <source>The longest that a run may take</source>
        <translation>一次调用的最长时间</translation>
    </message>
    <message>
        <source>Code</source>
        <translation>代码</translation>
    </message>
    <message>
        <source>Size of the code package</source>
        <translation>代码包大小</translation>
    </message>
    <message>
        <source>Changed</source>
        <translation>修改时间</translation>
    </message>
    <message>
        <source>When the function was last changed</source>
        <translation>函数最近一次修改的时间</translation>
    </message>
</context>
<context>
    <name>hanshu::pages::FunctionsPage</name>
    <message>
        <source>Delete a function</source>
        <translation>删除函数</translation>
    </message>
    <message>
        <source>Delete “%1”, its configuration and its code?</source>
        <translation>删除“%1”及其配置和代码？</translation>
    </message>
    <message>
        <source>Its runs and log lines so far stay. This can&apos;t be undone.</source>
        <translation>已有的调用记录和日志会保留。此操作无法撤销。</translation>
    </message>
    <message>
        <source>Keep</source>
        <translation>保留</translation>
    </message>
    <message>
        <source>Delete</source>
        <translation>删除</translation>
    </message>
    <message>
        <source>%1 is deleted.</source>
        <translation>%1 已删除。</translation>
    </message>
    <message>
        <source>%1 was not deleted. %2</source>
        <translation>%1 未被删除。%2</translation>
    </message>
    <message numerus="yes">
        <source>%n function(s)</source>
        <translation>
            <numerusform>%n 个函数</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%1 of %n function(s)</source>
        <translation>
            <numerusform>%1 / %n 个函数</numerusform>
        </translation>
    </message>
    <message>
        <source>No function matches</source>
        <translation>没有匹配的函数</translation>
    </message>
    <message>
        <source>No function has all of these words in its name, description or runtime. Press Escape in the filter to see all.</source>
        <translation>没有函数的名称、描述或运行环境包含所有这些词。在筛选框中按 Esc 可查看全部。</translation>
    </message>
    <message>
        <source>Starting the runtime…</source>
        <translation>正在启动运行时…</translation>
    </message>
    <message>
        <source>Not connected</source>
        <translation>未连接</translation>
    </message>
    <message>
        <source>Functions appear here as soon as the runtime can be reached.</source>
        <translation>连上运行时后，函数会显示在这里。</translation>
    </message>
    <message>
        <source>Loading functions…</source>
        <translation>正在加载函数…</translation>
    </message>
    <message>
        <source>Drop a folder here</source>
        <translation>将文件夹拖放到这里</translation>
    </message>
    <message>
        <source>A function is a folder of code with a handler in it. Drop one onto this window, or a zip file, and it is deployed and ready to run.</source>
        <translation>函数就是一个包含请求处理程序的代码文件夹。将文件夹或 zip 文件拖放到此窗口，即可完成部署并运行。</translation>
    </message>
    <message>
        <source>Functions</source>
        <translation>函数</translation>
    </message>
    <message>
        <source>Deploy…</source>
        <translation>部署…</translation>
    </message>
    <message>
        <source>Deploy</source>
        <translation>部署</translation>
    </message>
    <message>
        <source>Deploys a folder as a function. A folder or zip can also be dropped onto the window.</source>
        <translation>将文件夹部署为函数。也可以将文件夹或 zip 拖放到窗口上。</translation>
    </message>
    <message>
        <source>Try again</source>
        <translation>重试</translation>
    </message>
</context>
<context>
    <name>hanshu::pages::InvocationDetail</name>
    <message>
        <source>Loading the log…</source>
        <translation>正在加载日志…</translation>
    </message>
    <message>
        <source>Request ID</source>
        <translation>请求 ID</translation>
    </message>
    <message>
        <source>Arrived</source>
        <translation>到达时间</translation>
    </message>
    <message>
        <source>Duration</source>
        <translation>耗时</translation>
    </message>
    <message>
        <source>Billed</source>
        <translation>计费</translation>
    </message>
    <message>
        <source>Memory</source>
        <translation>内存</translation>
    </message>
    <message>
        <source>%1 of %2</source>
        <translation>%1 / %2</translation>
    </message>
    <message>
        <source>Start</source>
        <translation>启动方式</translation>
    </message>
    <message>
        <source>Source</source>
        <translation>来源</translation>
    </message>
    <message>
        <source>Source ARN</source>
        <translation>来源 ARN</translation>
    </message>
    <message>
        <source>Attempt</source>
        <translation>尝试次数</translation>
    </message>
    <message>
        <source>Instance</source>
        <translation>实例</translation>
    </message>
    <message>
        <source>Request size</source>
        <translation>请求大小</translation>
    </message>
    <message>
        <source>Response size</source>
        <translation>响应大小</translation>
    </message>
    <message>
        <source>This run wrote no log lines.</source>
        <translation>本次调用没有日志。</translation>
    </message>
    <message>
        <source>Log of this run</source>
        <translation>本次调用的日志</translation>
    </message>
    <message>
        <source>Show in logs</source>
        <translation>在日志中查看</translation>
    </message>
    <message>
        <source>All lines of this request on the logs page</source>
        <translation>在日志页查看该请求的所有日志</translation>
    </message>
    <message>
        <source>Show function</source>
        <translation>查看函数</translation>
    </message>
    <message>
        <source>The function&apos;s page, to test or configure it</source>
        <translation>转到该函数的页面，进行测试或配置</translation>
    </message>
    <message>
        <source>Copy request ID</source>
        <translation>复制请求 ID</translation>
    </message>
</context>
<context>
    <name>hanshu::pages::InvocationModel</name>
    <message>
        <source>Time</source>
        <translation>时间</translation>
    </message>
    <message>
        <source>When the request arrived</source>
        <translation>请求到达的时间</translation>
    </message>
    <message>
        <source>Function</source>
        <translation>函数</translation>
    </message>
    <message>
        <source>The function that ran</source>
        <translation>被调用的函数</translation>
    </message>
    <message>
        <source>Status</source>
        <translation>状态</translation>
    </message>
    <message>
        <source>How the run ended</source>
        <translation>调用的结果</translation>
    </message>
    <message>
        <source>Duration</source>
        <translation>耗时</translation>
    </message>
    <message>
        <source>From arrival to answer</source>
        <translation>从到达到应答</translation>
    </message>
    <message>
        <source>Phases</source>
        <translation>阶段</translation>
    </message>
    <message>
        <source>Where the time went: queue, schedule, sandbox start, init, run</source>
        <translation>时间花在哪里：排队、调度、沙箱启动、初始化、运行</translation>
    </message>
    <message>
        <source>Start</source>
        <translation>启动</translation>
    </message>
    <message>
        <source>Cold: an instance had to be made for it</source>
        <translation>冷启动：需要为其新建实例</translation>
    </message>
    <message>
        <source>Source</source>
        <translation>来源</translation>
    </message>
    <message>
        <source>What caused the run</source>
        <translation>触发调用的来源</translation>
    </message>
    <message>
        <source>Memory</source>
        <translation>内存</translation>
    </message>
    <message>
        <source>The most memory that the run used</source>
        <translation>本次调用使用的最大内存</translation>
    </message>
    <message>
        <source>Billed</source>
        <translation>计费</translation>
    </message>
    <message>
        <source>Billed duration, in steps of 1 ms</source>
        <translation>计费时长，以 1 毫秒为单位</translation>
    </message>
    <message>
        <source>Request ID</source>
        <translation>请求 ID</translation>
    </message>
    <message>
        <source>Names the run in logs and answers</source>
        <translation>在日志和应答中标识该调用</translation>
    </message>
</context>
<context>
    <name>hanshu::pages::InvocationsPage</name>
    <message numerus="yes">
        <source>%n run(s)</source>
        <translation>
            <numerusform>%n 次调用</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%1 of %n run(s)</source>
        <translation>
            <numerusform>%1 / %n 次调用</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n run(s) are missing from this list: they came faster than the console could take them. The runtime has them.</source>
        <translation>
            <numerusform>列表中缺少 %n 次调用：它们到达太快，控制台来不及接收。运行时中仍有记录。</numerusform>
        </translation>
    </message>
    <message>
        <source>No run matches</source>
        <translation>没有匹配的调用</translation>
    </message>
    <message>
        <source>None of the runs loaded so far has all of these words. Press Escape in the filter to see all.</source>
        <translation>已加载的调用中没有包含所有这些词的。在筛选框中按 Esc 可查看全部。</translation>
    </message>
    <message>
        <source>Not connected</source>
        <translation>未连接</translation>
    </message>
    <message>
        <source>Runs appear here as soon as the runtime can be reached.</source>
        <translation>连上运行时后，调用会显示在这里。</translation>
    </message>
    <message>
        <source>Loading runs…</source>
        <translation>正在加载调用…</translation>
    </message>
    <message>
        <source>Nothing has run yet</source>
        <translation>还没有调用</translation>
    </message>
    <message>
        <source>Every run of a function appears here the moment it ends, with its time, memory and log. Test a function on the Functions page to see the first one.</source>
        <translation>函数的每次调用结束后会立即显示在这里，包括耗时、内存和日志。在“函数”页测试一个函数即可看到第一条。</translation>
    </message>
    <message>
        <source>Invocations</source>
        <translation>调用</translation>
    </message>
    <message>
        <source>Try again</source>
        <translation>重试</translation>
    </message>
</context>
<context>
    <name>hanshu::pages::LogsPage</name>
    <message>
        <source>Only run %1; press to see all</source>
        <translation>仅显示调用 %1；按下可查看全部</translation>
    </message>
    <message>
        <source>All functions</source>
        <translation>所有函数</translation>
    </message>
    <message numerus="yes">
        <source>%n line(s)</source>
        <translation>
            <numerusform>%n 行</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%1 of %n line(s)</source>
        <translation>
            <numerusform>%1 / %n 行</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n line(s) came faster than the console could take them and are not shown. The runtime has them.</source>
        <translation>
            <numerusform>有 %n 行到达太快，控制台来不及接收，未显示。运行时中仍有记录。</numerusform>
        </translation>
    </message>
    <message>
        <source>Only the newest %1 lines are kept here; %2 older ones were trimmed.</source>
        <translation>此处只保留最新的 %1 行；更早的 %2 行已被裁剪。</translation>
    </message>
    <message>
        <source>No line matches</source>
        <translation>没有匹配的日志</translation>
    </message>
    <message>
        <source>None of the lines here has all of these words. New lines that do appear by themselves.</source>
        <translation>这里没有包含所有这些词的日志。之后匹配的新日志会自动显示。</translation>
    </message>
    <message>
        <source>Not connected</source>
        <translation>未连接</translation>
    </message>
    <message>
        <source>Log lines appear here as soon as the runtime can be reached.</source>
        <translation>连上运行时后，日志会显示在这里。</translation>
    </message>
    <message>
        <source>Waiting for log lines</source>
        <translation>正在等待日志</translation>
    </message>
    <message>
        <source>Whatever a function prints appears here at once.</source>
        <translation>函数输出的内容会立即显示在这里。</translation>
    </message>
    <message>
        <source>Whatever %1 prints appears here at once.</source>
        <translation>%1 输出的内容会立即显示在这里。</translation>
    </message>
    <message>
        <source>Logs</source>
        <translation>日志</translation>
    </message>
    <message>
        <source>Function</source>
        <translation>函数</translation>
    </message>
    <message>
        <source>Shows the log of one function only</source>
        <translation>只显示一个函数的日志</translation>
    </message>
    <message>
        <source>Only the lines of this run are shown. Press to see all.</source>
        <translation>仅显示本次调用的日志。按下可查看全部。</translation>
    </message>
    <message>
        <source>Follow</source>
        <translation>跟随</translation>
    </message>
    <message>
        <source>Follow the log</source>
        <translation>跟随日志</translation>
    </message>
    <message>
        <source>Stays at the newest line (Space in the log)</source>
        <translation>保持在最新一行（在日志中按空格）</translation>
    </message>
    <message>
        <source>Empties this view; the runtime keeps its log</source>
        <translation>清空此视图；运行时中的日志会保留</translation>
    </message>
    <message>
        <source>Empty the view</source>
        <translation>清空视图</translation>
    </message>
    <message>
        <source>The chosen line</source>
        <translation>所选日志</translation>
    </message>
    <message>
        <source>Try again</source>
        <translation>重试</translation>
    </message>
</context>
<context>
    <name>hanshu::pages::PhaseStrip</name>
    <message>
        <source>Phases of the run</source>
        <translation>调用的各阶段</translation>
    </message>
</context>
<context>
    <name>hanshu::pages::TestPanel</name>
    <message>
        <source>Running</source>
        <translation>运行中</translation>
    </message>
    <message>
        <source>Run the function to see its result, log and timings here.</source>
        <translation>运行函数后，结果、日志和耗时会显示在这里。</translation>
    </message>
    <message>
        <source>Cancelled</source>
        <translation>已取消</translation>
    </message>
    <message>
        <source>Did not run</source>
        <translation>未运行</translation>
    </message>
    <message>
        <source>%1 in all</source>
        <translation>共 %1</translation>
    </message>
    <message>
        <source>billed %1</source>
        <translation>计费 %1</translation>
    </message>
    <message>
        <source>%1 of %2</source>
        <translation>%1 / %2</translation>
    </message>
    <message>
        <source>Payload</source>
        <translation>事件内容</translation>
    </message>
    <message>
        <source>What the function gets as its event, usually JSON</source>
        <translation>作为事件传给函数的内容，通常为 JSON</translation>
    </message>
    <message>
        <source>Run</source>
        <translation>运行</translation>
    </message>
    <message>
        <source>Runs the function with this payload and waits for its result (Ctrl+Enter)</source>
        <translation>用此内容运行函数并等待结果 (Ctrl+Enter)</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>取消</translation>
    </message>
    <message>
        <source>Cancel the run</source>
        <translation>取消运行</translation>
    </message>
    <message>
        <source>Stops waiting and ends the run</source>
        <translation>停止等待并结束运行</translation>
    </message>
    <message>
        <source>Result</source>
        <translation>返回结果</translation>
    </message>
    <message>
        <source>The function returned nothing.</source>
        <translation>函数没有返回内容。</translation>
    </message>
    <message>
        <source>Log tail</source>
        <translation>日志尾部</translation>
    </message>
    <message>
        <source>No log was returned.</source>
        <translation>没有返回日志。</translation>
    </message>
</context>
<context>
    <name>hanshu::shell::CommandPalette</name>
    <message>
        <source>Type a command or the name of a function</source>
        <translation>输入命令或函数名称</translation>
    </message>
    <message>
        <source>Command</source>
        <translation>命令</translation>
    </message>
    <message>
        <source>Commands that match</source>
        <translation>匹配的命令</translation>
    </message>
</context>
<context>
    <name>hanshu::shell::MainWindow</name>
    <message>
        <source>Everywhere</source>
        <translation>全局</translation>
    </message>
    <message>
        <source>&amp;Deploy a folder…</source>
        <translation>部署文件夹(&amp;D)…</translation>
    </message>
    <message>
        <source>Deploy a &amp;zip file…</source>
        <translation>部署 zip 文件(&amp;Z)…</translation>
    </message>
    <message>
        <source>&amp;Quit</source>
        <translation>退出(&amp;Q)</translation>
    </message>
    <message>
        <source>&amp;Command palette…</source>
        <translation>命令面板(&amp;C)…</translation>
    </message>
    <message>
        <source>&amp;Functions</source>
        <translation>函数(&amp;F)</translation>
    </message>
    <message>
        <source>&amp;Invocations</source>
        <translation>调用(&amp;I)</translation>
    </message>
    <message>
        <source>&amp;Logs</source>
        <translation>日志(&amp;L)</translation>
    </message>
    <message>
        <source>&amp;Try the connection now</source>
        <translation>立即重试连接(&amp;T)</translation>
    </message>
    <message>
        <source>As the &amp;system</source>
        <translation>跟随系统(&amp;S)</translation>
    </message>
    <message>
        <source>&amp;Light</source>
        <translation>浅色(&amp;L)</translation>
    </message>
    <message>
        <source>&amp;Dark</source>
        <translation>深色(&amp;D)</translation>
    </message>
    <message>
        <source>&amp;Keyboard shortcuts</source>
        <translation>键盘快捷键(&amp;K)</translation>
    </message>
    <message>
        <source>&amp;About Hanshu</source>
        <translation>关于函数(&amp;A)</translation>
    </message>
    <message>
        <source>&amp;File</source>
        <translation>文件(&amp;F)</translation>
    </message>
    <message>
        <source>&amp;View</source>
        <translation>视图(&amp;V)</translation>
    </message>
    <message>
        <source>&amp;Theme</source>
        <translation>主题(&amp;T)</translation>
    </message>
    <message>
        <source>&amp;Help</source>
        <translation>帮助(&amp;H)</translation>
    </message>
    <message>
        <source>What you see is from then.</source>
        <translation>当前显示的是当时的内容。</translation>
    </message>
    <message>
        <source>Choose the folder with the function&apos;s code</source>
        <translation>选择函数代码所在的文件夹</translation>
    </message>
    <message>
        <source>Choose a zip file with the function&apos;s code</source>
        <translation>选择包含函数代码的 zip 文件</translation>
    </message>
    <message>
        <source>Zip files (*.zip)</source>
        <translation>Zip 文件 (*.zip)</translation>
    </message>
    <message>
        <source>Function</source>
        <translation>函数</translation>
    </message>
    <message>
        <source>About Hanshu</source>
        <translation>关于函数</translation>
    </message>
    <message>
        <source>Hanshu %1 — function compute on machines you own</source>
        <translation>函数 %1 — 运行在自有机器上的函数计算</translation>
    </message>
    <message>
        <source>Free software under the GNU General Public License, version 3 or later.</source>
        <translation>自由软件，遵循 GNU 通用公共许可证第 3 版或更高版本。</translation>
    </message>
    <message>
        <source>Close</source>
        <translation>关闭</translation>
    </message>
    <message>
        <source>Hanshu</source>
        <translation>函数 Hanshu</translation>
    </message>
    <message>
        <source>%1 – Hanshu</source>
        <translation>%1 – 函数 Hanshu</translation>
    </message>
    <message>
        <source>Pages</source>
        <translation>页面</translation>
    </message>
    <message>
        <source>Functions</source>
        <translation>函数</translation>
    </message>
    <message>
        <source>Invocations</source>
        <translation>调用</translation>
    </message>
    <message>
        <source>Logs</source>
        <translation>日志</translation>
    </message>
    <message>
        <source>Retry now</source>
        <translation>立即重试</translation>
    </message>
    <message>
        <source>Drop to deploy as a function</source>
        <translation>松开即可部署为函数</translation>
    </message>
</context>
<context>
    <name>hanshu::shell::ShortcutsDialog</name>
    <message>
        <source>Keyboard shortcuts</source>
        <translation>键盘快捷键</translation>
    </message>
    <message>
        <source>In lists</source>
        <translation>列表中</translation>
    </message>
    <message>
        <source>Filter</source>
        <translation>筛选</translation>
    </message>
    <message>
        <source>Empty the filter, back to the list</source>
        <translation>清空筛选，回到列表</translation>
    </message>
    <message>
        <source>Copy the cell</source>
        <translation>复制单元格</translation>
    </message>
    <message>
        <source>Copy the row</source>
        <translation>复制行</translation>
    </message>
    <message>
        <source>In a test</source>
        <translation>测试中</translation>
    </message>
    <message>
        <source>Run the function</source>
        <translation>运行函数</translation>
    </message>
    <message>
        <source>In the log</source>
        <translation>日志中</translation>
    </message>
    <message>
        <source>Follow or pause</source>
        <translation>跟随或暂停</translation>
    </message>
    <message>
        <source>To the newest line, and follow</source>
        <translation>转到最新一行并跟随</translation>
    </message>
    <message>
        <source>Select lines</source>
        <translation>选择多行</translation>
    </message>
    <message>
        <source>Close</source>
        <translation>关闭</translation>
    </message>
</context>
<context>
    <name>hanshu::table::TableView</name>
    <message>
        <source>Copy cell</source>
        <translation>复制单元格</translation>
    </message>
    <message>
        <source>Copy row</source>
        <translation>复制行</translation>
    </message>
</context>
</TS>
