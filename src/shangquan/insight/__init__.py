"""Room card: insight (floor 11), what happened, as figures.

Purpose     read models fed by events: sales by hour, visits, funnels, channels, flows between merchants, return on campaigns.
Words       HourFigure 小时数据, Visit 到店, funnel 漏斗, attributed sales 归因销售, return on campaign 费效比, flow 跨店流向.
Owns        HourFigure, Visit, CampaignSale, MerchantFlow, NewMemberFigure.
Door        door.py: count_…() for journeys; day(), hours(), funnel(), campaign_return(), channels(), flows() for consoles.
Events      none.
Never       decides anything; is asked by a room below; shows a figure without the rule behind it.
"""
