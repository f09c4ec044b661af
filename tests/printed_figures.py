"""The plan's figures typed by hand from the print, for tests: numeric targets, the rows of 表1, what stands alone."""

# A target's id, then the words with the figure; blanks inside table cells are left out.
TARGETS = """
gdp 生产总值突破2600亿元
rd-gdp 研究与试验发展经费支出占GDP比重达到4%以上
urbanisation 常住人口城镇化率达到78%
income-ratio 城乡居民收入倍差缩小至1.65以内
life-expectancy 人均预期寿命达到85岁
income-growth 居民收入增长与经济增长基本同步
games-halls 三馆
games-villages 三村
games-programmes 亚运服务保障五大工程
fitness-events 每年组织健身活动170场次以上
fitness-training 全民健身培训服务100场次以上
fitness-circle 10分钟健身圈
detail-plans 全域控制性详细规划覆盖
core-signs 核心城区国际化标识全覆盖
brand-events 争取每年举办品牌赛事活动5场以上
airport-cities 通航城市达200个
airport-international 国际(含地区)通航点超过60个
rail-length 城市轨道交通建设总里程104公里
commute 半小时”通勤圈
expressways 等3条高速公路
urban-roads 等10条快速路、主干道
road-network 四横五纵一连
waterway-class 三级航道
logistics-levels 构建三级物流枢纽体系
top-talent 顶尖人才100人
leading-talent 高层次创新创业人才1000人以上
leading-teams 领军型创新创业团队10个以上
doctors 优秀博士人才500名
young-talent 高层次青年英才1万人以上
graduates 高校毕业生10万人以上
training-bases 建成3~5个
training-firms 产教融合型企业20家以上
skilled-share 高技能人才占技能劳动者的比例达到35%以上
national-labs 力争培育国家重点实验室1家
provincial-labs 省重点实验室5家
new-institutes 累计培育省级新型研发机构8家
incubators 新增省级及以上科技企业孵化器、众创空间20家
source-heights 科技创新七大策源高地
firm-institutes 新培育市级以上企业研发机构250家
firm-rd 规上工业企业R&D经费支出占营业收入比重达到2.5%
firm-rd-cover 力争实现规上工业企业研发机构全覆盖
high-tech-firms 新培育认定国家高新技术企业1000家
sci-tech-smes 省级科技型中小企业2000家以上
consortia 力争建设创新联合体(技术创新中心、产业技术联盟)3家
tech-trade 实现技术交易额40亿元以上
service-complexes 新认定市级及以上产业创新服务综合体10家
pct PCT国际专利申请150件
patents 万人发明专利拥有量35件
carriers 二十大重点创新空间载体
digital-growth 数字经济核心产业增加值年均增长30%以上
digital-share 占GDP比重达15%
industrial-internet-cover 重点产业集群工业互联网平台全覆盖
industrial-internet 新增培育省级工业互联网平台12家
cloud-smes 每年推动1000家中小企业
digital-models 培育产业数字化标杆企业100家
community-cover 社区智慧服务平台接入全覆盖
scenes 未来数智城区十大应用场景
rural-digital-cover 乡村数字治理全覆盖
innovation-labs 拥有创新实验室的学校比例、创客教室覆盖率达到100%
maker-rooms 拥有创新实验室的学校比例、创客教室覆盖率达到100%
it-schools 标杆学校20所
cockpits 加快全领域覆盖
care-scenes 三大应用场景
emergency-cover 全覆盖的急症重症医疗救助体系
government-fields 六大领域的数字化业务应用体系
clusters-1000 两大千亿级世界先进制造业集群
clusters-10 培育形成3~5个百亿级
services-share “十四五”末,全区服务业增加值占GDP比重不低于60%
events-major 五大国际性知名会议会展活动
key-industries 十大重点产业
fibre-cluster 纤维新材料千亿级产业集群发展基础基本形成
vehicle-cluster 智能汽车千亿级产业集群发展基础基本形成
battery-capacity 年产80G瓦时
health-output 生命健康规上工业总产值达100亿元
ic-output 集成电路规上工业总产值达100亿元
equipment-output 智能装备制造规上工业总产值达500亿元
finance-value 金融产业增加值总量突破280亿元
listed-finance 累计培育上市(挂牌)企业突破90家
expo-revenue 会展业直接营业收入达到25亿元
visitors 游客总量达到3500万
retail-growth 社会消费品零售总额年均增长5%
online-growth 网络零售额年均增长8%
trade-growth 进出口总额年均增长3%
software-revenue 软件和信息服务业营收超300亿元
logistics-revenue 现代物流业营收突破500亿元
retail-secondary 五大商业次中心
retail-spaces 六大消费新空间
retail-programmes 实施三大商贸新工程
retail-carriers 培育三大商贸新载体
retail-scenes 营造三大消费新场景
retail-sales 社会消费品零售总额超920亿元
investment-growth 全社会固定资产投资年均增长8%以上
projects 重大建设项目200个左右
investment 力争完成固定资产投资2500亿元以上
project-fields 五大领域重大建设项目
projects-parks 安排重大项目18个左右
investment-parks 五年完成投资200亿元以上
projects-industry 安排重大项目70个左右
investment-industry 五年完成投资1100亿元以上
projects-transport 安排重大项目30个左右
investment-transport 五年完成投资700亿元以上
projects-ecology 安排重大项目18个左右
investment-ecology 五年完成投资200亿元以上
projects-people 安排重大项目64个左右
investment-people 五年完成投资300亿元以上
belt-projects 八大百亿级标杆项目
seed-firms 重点培育5家以上现代种业骨干企业
village-plans 村庄布点规划全覆盖
beautiful-villages 力争所有行政村美丽乡村建设全面达标
beautiful-villages-cover 美丽乡村全覆盖
village-balance 村级收支基本平衡
village-programmes 新时代美丽乡村建设六大工程
forest-parks 三大森林公园
control-lines 三条控制线
sewage 全域“污水零直排区”
outfalls 所有入河排污口规范化建设
soil-cycle 十年一周期
zero-waste 到2023年全面实现“产废无增长
culture-firms 新增营业收入超亿元的文化企业5家
culture-firms-provincial 省级重点文化企业5家
culture-listed 力争新增挂牌上市文化企业3家
culture-share 文化产业增加值占全区GDP比重提高至10%左右
culture-parks 新增文化产业园区5个
culture-streets 建设文化创意街区3个
culture-projects 文创融合示范项目10个
jobs-yearly 每年新增城镇就业2万人以上
jobs-total 累计实现城镇新增就业人员10万以上
zero-job-families 零就业家庭动态清零
relief-cover 推动社会救助服务覆盖常住人口
labour-disputes 劳动人事争议案件化解率85%以上
arbitration 仲裁结案率保持90%以上
children-homes-cover 到2022年,实现全区各村(社区)基础型儿童之家全覆盖
children-homes 示范儿童之家100家以上
preschool 优质学前教育覆盖率达到90%以上
senior-school 优质高中段教育覆盖率达到92%以上
special-education 完善特殊教育体系,实现基础教育学段全覆盖
vocational-schools 2所省级现代化职业学校
vocational-courses 5个高水平专业(群)
migrant-pupils 随迁子女在公办学校就读比例达85%以上
visits-district 力争区域就诊率达到95%
visits-basic 基层就诊率达到75%
health-platform-public 公立医疗机构覆盖率100%
health-platform-public-all 覆盖全部公立医疗机构
health-platform-private 80%以上
health-interop 五乙
family-doctors 重点人群签约率达80%以上
doctor-studios 8个以上样板家庭医生工作室
infectious-hospital 建成1家传染病定点标准医院
infectious-beds 传染病收治能力达到1.8床/万人
negative-pressure 负压救护车达到21辆
healthy-towns-national 应创尽创
healthy-towns 健康试点镇开展率30%
healthy-communities 健康社区覆盖率45%
nursery-each 每个镇(街道)建有1家普惠型婴幼儿照护机构
nursery-places 每千人拥有婴幼儿照护设施托位数达3个
credit 信用档案中无不良信息企业占比达90%以上
listed 累计培育上市(挂牌)企业达90家
financial-risk 确保不发生区域性系统性经济金融风险
substations-500 500千伏江南变
substations-220 等4座220千伏变电站
substations-110 等10座110千伏输变电工程
"""

# Number, name (unit), 2015, goal for 2020, goal a year, result for 2020, result a year, property.
TABLE_1 = """
1 地区生产总值(亿元) 1587.8 -- 7.5% 1828.47 5.6% 预期性
2 户籍人均生产总值(万元) 14.3 20 7% 15.23 3.8% 预期性
3 服务业增加值占生产总值比重(%) 42.5 58 -- 58.9 [16.4] 预期性
4 一般公共预算收入(亿元) 140.5 188 6% 300.03 16.4% 预期性
5 社会消费品零售总额(亿元) 549 675 5% 719.97 6.5% 预期性
6 自营出口(亿美元) 81 94 3% 87.99 1.7% 预期性
7 五年实际利用外资(亿美元) -- 〔43〕 -- 〔48〕 -- 预期性
8 固定资产投资(亿元) 705.71 1100 10% 1213.74 11.9% 预期性
9 全社会研究与试验发展经费占生产总值的比重(%) 1.86 2.5 -- 2.95∗ -- 预期性
10 高新技术产业增加值(亿元) 128.51 180 8% 290.85 -- 预期性
11 新产品产值率(%) 30.8 40 -- 35 -- 预期性
12 城镇居民人均可支配收入(万元) 5.15 7.5 8% 7.31 7.3% 预期性
13 农村居民人均可支配收入(万元) 2.94 4.5 9% 4.38 8.3% 预期性
14 新增劳动力平均受教育年限(年) 14 14.5 -- -- -- 预期性
15 人均期望寿命(岁) 83.45 83 -- 84.92∗ -- 预期性
16 五年新增城镇就业(万人) -- 〔8〕 -- 〔17.93〕 -- 预期性
17 各类养老保障综合参保率(%) 96.4 97 -- 98 -- 预期性
18 城乡居民医疗保险覆盖率(%) -- 99 -- 99.43 -- 预期性
19 常住人口城镇化率(%) 71.1 78左右 -- 74.6∗ -- 预期性
20 饮用水源地水质达标率(%) -- 100 -- 100 -- 预期性
21 耕地保有量(万亩) -- 73.01 -- 73.01 -- 约束性
22 城市空气质量优良率(%) -- 上级下达指标 -- 89.5 -- 约束性
23 亿元生产总值安全生产事故死亡 完成 上级下达指标 -- 完成 -- 约束性
24 万元GDP综合能耗(吨标煤) 完成 上级下达指标 -- 完成 -- 约束性
25 主要污染物排放(万吨) 完成 上级下达指标 -- 完成 -- 约束性
26 单位生产总值二氧化碳排放量(吨/万元) 完成 上级下达指标 -- 完成 -- 约束性
27 单位工业增加值用水量(立方米/万元) 完成 上级下达指标 -- 完成 -- 约束性
28 城市颗粒物(PM2.5)浓度下降(%) 完成 上级下达指标 -- 完成 -- 约束性
"""

# Figures that no map, list, table or other sentence of the plan can check: clause, then the figures.
ALONE = """
# Targets that stand once, without anything of the same kind to hold them against.
专栏1-5 170场 100场
2.3.1 5场
专栏3-2 10个
专栏3-3 500名 10万
专栏3-4 3~5个 20家 35%
3.2.1 1家 5家
3.2.2 8家 20家
3.3.1 250家 2.5% 1000家 2000家
3.3.2 3家
3.3.3 40亿元
3.4.1 10家
3.4.3 150件
4.1.2 12家 1000家 100家
专栏6-4 100% 20所
5.2.4 3~5个
专栏8 80G瓦时 100亿元 500亿元 280亿元 25亿元 3500万 300亿元
8.1.1 5家
10.4.1 5家 3家 10%
10.4.2 5个 3个 10个
11.1.3 85% 90%
11.2.2 100家
11.3.1 90% 92%
11.3.2 2所 5个
11.3.3 85%
专栏16-1 95% 75% 100%
专栏16-4 80% 8个
专栏16-5 1家 21辆
专栏16-6 30% 45%
12.1.3 90%
# Whom a target is for, and classes and ranks of things.
11.5.1 3岁
专栏2-5 三级
7.3.3 二级
专栏16-5 二级
12.2.4 二级
# Names of programmes and patterns whose parts are not numbered, or that the clause does not list.
1.1 三名
2.2.3 五个
专栏3 百千
4.1.2 十百千
专栏6-4 一个
5.3.2 一主
专栏8 一主
6.3.1 一主 一副 一轴
专栏13-3 双控
11.2.2 1+8
# Names that are not the plan's own: the nation's, the province's, other bodies'.
1.2 一个 四大 两个
1.4 十九大 四个
1.5 一区 一带
4.1.2 一区
6.2.3 一带
12.3.2 一个
13.2.1 四个 一道
14.1 四个 两个
14.3 十四个
"""
